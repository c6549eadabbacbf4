/*
 * A disk that fails, or a process that ends, at a chosen operation: put before the system's library (LD_PRELOAD), it counts what changes files under
 * the directories of DISK_UNDER (separated by colons), and does to the one of a given number what the board says. The board is a file that the test writes
 * and this maps, so that a process can be watched from outside while it runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { ACT_DIE = 1, ACT_DIE_HALF = 2, ACT_FAIL_ONCE = 3, ACT_FAIL_ON = 4 };
enum { KIND_WRITE = 1, KIND_SYNC = 2, KIND_NAME = 4, KIND_REMOVE = 8 };

struct board {
  int32_t counted, at, action, error, kinds, hits;
};

static struct board *board;
static int journal = -1;
static const char *under;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("DISK_BOARD"), *log = getenv("DISK_JOURNAL");
  under = getenv("DISK_UNDER");
  if (path == NULL || under == NULL) return;
  int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *mapped = mmap(NULL, sizeof(struct board), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped != MAP_FAILED) board = mapped;
  close(fd);
  if (log != NULL) journal = REAL(open)(log, O_WRONLY | O_APPEND | O_CLOEXEC);
}

static int is_under(const char *path) {
  for (const char *from = under; *from != 0;) {
    size_t length = strcspn(from, ":");
    if (length > 0 && strncmp(path, from, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
    from += length;
    if (*from == ':') from++;
  }
  return 0;
}

/* Answers what is done to this operation: 0 nothing. Whoever is to die before it, does so here. */
static int meet(const char *what, const char *path, int kind) {
  if (board == NULL || !is_under(path) || (board->kinds & kind) == 0) return 0;
  int number = __atomic_add_fetch(&board->counted, 1, __ATOMIC_SEQ_CST);
  if (journal >= 0) {
    char line[PATH_MAX + 64];
    int length = snprintf(line, sizeof line, "%d %s %s\n", number, what, path);
    if (REAL(write)(journal, line, (size_t)length) < 0) return 0;
  }
  if (board->at == 0 || number < board->at) return 0;
  if (number > board->at && board->action != ACT_FAIL_ON) return 0;
  /* A disk that is full or fails to write lets go of what there is. */
  if (kind == KIND_REMOVE && board->action >= ACT_FAIL_ONCE) return 0;
  __atomic_add_fetch(&board->hits, 1, __ATOMIC_SEQ_CST);
  if (board->action == ACT_DIE) kill(getpid(), SIGKILL);
  if (board->action == ACT_FAIL_ONCE || board->action == ACT_FAIL_ON) errno = board->error;
  return board->action;
}

static int meet_fd(const char *what, int fd, int kind) {
  if (board == NULL) return 0;
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return meet(what, path, kind);
}

static void die(void) { kill(getpid(), SIGKILL); }

#define WRITES(name, parameters, arguments, half)            \
  ssize_t name parameters {                                  \
    switch (meet_fd("write", fd, KIND_WRITE)) {              \
      case ACT_DIE_HALF: half; die(); break;                 \
      case ACT_FAIL_ONCE: case ACT_FAIL_ON: return -1;       \
    }                                                        \
    return REAL(name) arguments;                             \
  }

#define HALF(call) do { if (call < 0) die(); } while (0)

WRITES(write, (int fd, const void *from, size_t size), (fd, from, size), HALF(REAL(write)(fd, from, size / 2)))
WRITES(pwrite, (int fd, const void *from, size_t size, off_t at), (fd, from, size, at), HALF(REAL(pwrite)(fd, from, size / 2, at)))
WRITES(pwrite64, (int fd, const void *from, size_t size, off64_t at), (fd, from, size, at), HALF(REAL(pwrite64)(fd, from, size / 2, at)))
WRITES(writev, (int fd, const struct iovec *from, int count), (fd, from, count), HALF(REAL(write)(fd, from[0].iov_base, from[0].iov_len / 2)))
WRITES(pwritev, (int fd, const struct iovec *from, int count, off_t at), (fd, from, count, at), HALF(REAL(pwrite)(fd, from[0].iov_base, from[0].iov_len / 2, at)))
WRITES(pwritev64, (int fd, const struct iovec *from, int count, off64_t at), (fd, from, count, at), HALF(REAL(pwrite64)(fd, from[0].iov_base, from[0].iov_len / 2, at)))

/* Of what is done whole or not at all there is no half: to die at it is to have done it. */
#define ATOMIC(name, parameters, arguments, met) \
  int name parameters {                                      \
    int act = met;                                           \
    if (act == ACT_FAIL_ONCE || act == ACT_FAIL_ON) return -1; \
    int answer = REAL(name) arguments;                       \
    if (act == ACT_DIE_HALF) die();                          \
    return answer;                                           \
  }

ATOMIC(fsync, (int fd), (fd), meet_fd("fsync", fd, KIND_SYNC))
ATOMIC(fdatasync, (int fd), (fd), meet_fd("fsync", fd, KIND_SYNC))
ATOMIC(ftruncate, (int fd, off_t size), (fd, size), meet_fd("truncate", fd, KIND_WRITE))
ATOMIC(ftruncate64, (int fd, off64_t size), (fd, size), meet_fd("truncate", fd, KIND_WRITE))
ATOMIC(rename, (const char *from, const char *to), (from, to), meet("rename", to, KIND_NAME))
ATOMIC(link, (const char *from, const char *to), (from, to), meet("link", to, KIND_NAME))
ATOMIC(mkdir, (const char *path, mode_t mode), (path, mode), meet("mkdir", path, KIND_NAME))
ATOMIC(unlink, (const char *path), (path), meet("unlink", path, KIND_REMOVE))
ATOMIC(rmdir, (const char *path), (path), meet("unlink", path, KIND_REMOVE))

/* How a directory is removed with what is in it. */
int unlinkat(int dir, const char *path, int flags) {
  char link[64], whole[2 * PATH_MAX] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
  ssize_t length = path[0] == '/' || dir == AT_FDCWD ? 0 : readlink(link, whole, PATH_MAX);
  if (length < 0) length = 0;
  snprintf(whole + length, sizeof whole - (size_t)length, "%s%s", length > 0 ? "/" : "", path);
  int act = meet("unlink", whole, KIND_REMOVE);
  if (act == ACT_FAIL_ONCE || act == ACT_FAIL_ON) return -1;
  int answer = REAL(unlinkat)(dir, path, flags);
  if (act == ACT_DIE_HALF) die();
  return answer;
}

/* A directory that is made for a moment under a name of its own. */
char *mkdtemp(char *pattern) {
  int act = meet("mkdir", pattern, KIND_NAME);
  if (act == ACT_FAIL_ONCE || act == ACT_FAIL_ON) return NULL;
  char *made = REAL(mkdtemp)(pattern);
  if (act == ACT_DIE_HALF) die();
  return made;
}

/* Only one that makes the file changes the disk. */
#define OPENS(name)                                                                              \
  int name(const char *path, int flags, ...) {                                                   \
    va_list rest;                                                                                \
    va_start(rest, flags);                                                                       \
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;                             \
    va_end(rest);                                                                                \
    int makes = board != NULL && (flags & O_CREAT) != 0 && access(path, F_OK) != 0;              \
    int act = makes ? meet("create", path, KIND_NAME) : 0;                                       \
    if (act == ACT_FAIL_ONCE || act == ACT_FAIL_ON) return -1;                                   \
    int fd = REAL(name)(path, flags, mode);                                                      \
    if (act == ACT_DIE_HALF) die();                                                              \
    return fd;                                                                                   \
  }

OPENS(open)
OPENS(open64)
