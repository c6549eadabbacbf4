/** Where the local command and the authority meet: a Unix socket in the state directory. */

export const localSocketName = 'authority.sock';
