/** CPU time of this thread, to the microsecond: what Node tells of it moves on with the kernel's tick alone, in steps of 4 ms. */
import koffi from 'koffi';

/** Linux; it is the number of this thread's own clock (clock_gettime(2)). */
const threadCpuTime = 3;

const timespec = koffi.struct({ seconds: 'int64', nanoseconds: 'int64' });
const clockGettime = koffi.load(null).func('clock_gettime', 'int', ['int', koffi.out(koffi.pointer(timespec))]);

export function threadCpuMs(): number {
  const time = { seconds: 0, nanoseconds: 0 };
  clockGettime(threadCpuTime, time);
  return time.seconds * 1_000 + time.nanoseconds / 1e6;
}
