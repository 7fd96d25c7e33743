/** What an image from the host has where no program is named. */

const SHELLS = ['sh', 'bash']

const COREUTILS =
  `[ arch b2sum base32 base64 basename basenc cat chgrp chmod chown chroot cksum comm cp csplit cut
  date dd df dir dircolors dirname du echo env expand expr factor false fmt fold groups head hostid id install join
  link ln logname ls md5sum mkdir mkfifo mknod mktemp mv nice nl nohup nproc numfmt od paste pathchk pinky pr printenv
  printf ptx pwd readlink realpath rm rmdir runcon seq sha1sum sha224sum sha256sum sha384sum sha512sum shred shuf
  sleep sort split stat stdbuf stty sum sync tac tail tee test timeout touch tr true truncate tsort tty uname unexpand
  uniq unlink users vdir wc who whoami yes`.split(/\s+/)

const FINDING = ['grep', 'sed', 'find', 'xargs', 'awk', 'which']

/** What shows namespaces, and what changes them. */
const LOOKING = [
  ...['ps', 'kill', 'hostname', 'ip', 'ipcs', 'ipcmk', 'ipcrm', 'lsns', 'mount', 'umount'],
  ...['top', 'free', 'ss', 'ping'],
]

const NODE = 'node'

/** The names of the default set that a user would miss; the others differ from host to host. */
export const NOTABLE: ReadonlySet<string> = new Set([
  'sh',
  'cat',
  'ls',
  'sleep',
  'ps',
  'hostname',
  'ip',
  'ipcs',
  'ipcmk',
  NODE,
])

export const DEFAULT_PROGRAMS: readonly string[] = [...SHELLS, ...COREUTILS, ...FINDING, ...LOOKING, NODE]

/** Libraries that programs open at run time, so that their headers do not name them. */
export const OPENED_LATER = ['libnss_files.so.2', 'libnss_dns.so.2', 'libgcc_s.so.1']

/** Descriptions of terminals, for shells that edit lines. */
export const TERMINALS = [
  'x/xterm',
  'x/xterm-256color',
  's/screen',
  's/screen-256color',
  't/tmux-256color',
  'l/linux',
  'v/vt100',
  'd/dumb',
]
export const TERMINFO = ['/lib/terminfo', '/usr/share/terminfo', '/etc/terminfo']

export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
