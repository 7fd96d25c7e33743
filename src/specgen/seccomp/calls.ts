/*
 * System calls by what they are for. Names that an architecture lacks are passed over when the filter is compiled; those
 * that end in 16, 32, 64 or time64 are variants for programs of 32 bits.
 */

const words = (text: string): string[] => text.trim().split(/\s+/)

/** Opening, reading, writing and closing files. */
const files = words(`
  open openat openat2 creat close close_range read write readv writev pread64 pwrite64 preadv pwritev preadv2 pwritev2
  lseek _llseek truncate truncate64 ftruncate ftruncate64 fallocate copy_file_range sendfile sendfile64 splice tee
  fsync fdatasync sync syncfs sync_file_range readahead fadvise64 fadvise64_64 flock fcntl fcntl64 dup dup2 dup3
  ioctl pipe pipe2 memfd_create memfd_secret umask
`)

/** Folders, links, nodes, owners and attributes. */
const names = words(`
  stat stat64 lstat lstat64 fstat fstat64 fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64 access faccessat
  faccessat2 getcwd chdir fchdir getdents getdents64 mkdir mkdirat rmdir link linkat symlink symlinkat readlink
  readlinkat unlink unlinkat rename renameat renameat2 mknod mknodat chmod fchmod fchmodat fchmodat2 chown chown32
  fchown fchown32 lchown lchown32 fchownat utime utimes utimensat utimensat_time64 futimesat name_to_handle_at
  getxattr lgetxattr fgetxattr setxattr lsetxattr fsetxattr listxattr llistxattr flistxattr removexattr lremovexattr
  fremovexattr getxattrat setxattrat listxattrat removexattrat
`)

/** Mounts and namespaces: what they may do is decided by capabilities. */
const mounts = words(`
  mount umount umount2 pivot_root mount_setattr move_mount open_tree open_tree_attr fsopen fsconfig fsmount fspick
  unshare setns
`)

const memory = words(`
  brk mmap mmap2 munmap mremap mprotect msync mincore madvise mlock mlock2 mlockall munlock munlockall mseal
  remap_file_pages mbind get_mempolicy set_mempolicy membarrier pkey_alloc pkey_free pkey_mprotect
  process_vm_readv process_vm_writev process_mrelease
`)

const processes = words(`
  clone clone3 fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid getppid gettid getpgid getpgrp
  setpgid getsid setsid ptrace prctl seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self
  pidfd_open pidfd_getfd pidfd_send_signal set_tid_address set_robust_list get_robust_list rseq getcpu
  get_thread_area set_thread_area restart_syscall reboot sysinfo syslog uname times getrusage getrandom
`)

const futexes = words('futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue')

const signals = words(`
  kill tkill tgkill pause signal sigaltstack sigprocmask sigreturn signalfd signalfd4 rt_sigaction rt_sigpending
  rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo
`)

/** Users, groups, capabilities, limits and keys. */
const credentials = words(`
  getuid getuid32 geteuid geteuid32 getgid getgid32 getegid getegid32 getresuid getresuid32 getresgid getresgid32
  setuid setuid32 setgid setgid32 setreuid setreuid32 setregid setregid32 setresuid setresuid32 setresgid setresgid32
  setfsuid setfsuid32 setfsgid setfsgid32 getgroups getgroups32 setgroups setgroups32 capget capset
  getrlimit ugetrlimit setrlimit prlimit64 keyctl
`)

const scheduling = words(`
  sched_yield sched_getaffinity sched_setaffinity sched_getattr sched_setattr sched_getparam sched_setparam
  sched_getscheduler sched_setscheduler sched_get_priority_max sched_get_priority_min sched_rr_get_interval
  sched_rr_get_interval_time64 getpriority setpriority ioprio_get ioprio_set
`)

const times = words(`
  time gettimeofday clock_gettime clock_gettime64 clock_getres clock_getres_time64 clock_nanosleep
  clock_nanosleep_time64 clock_adjtime clock_adjtime64 adjtimex nanosleep alarm getitimer setitimer
  timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64
  timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
`)

const waiting = words(`
  poll ppoll ppoll_time64 select _newselect pselect6 pselect6_time64 epoll_create epoll_create1 epoll_ctl
  epoll_ctl_old epoll_wait epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 inotify_init inotify_init1
  inotify_add_watch inotify_rm_watch fanotify_init fanotify_mark io_setup io_destroy io_submit io_cancel io_getevents
`)

/** Sockets but for making them, which depends on the family. */
const sockets = words(`
  socketcall socketpair bind listen connect accept accept4 getsockname getpeername getsockopt setsockopt shutdown
  send sendto sendmsg sendmmsg recv recvfrom recvmsg recvmmsg recvmmsg_time64
`)

const queues = words(`
  ipc msgget msgctl msgsnd msgrcv semget semctl semop semtimedop semtimedop_time64 shmget shmctl shmat shmdt
  mq_open mq_unlink mq_notify mq_getsetattr mq_timedsend mq_timedsend_time64 mq_timedreceive mq_timedreceive_time64
`)

/** Calls that every container may make. */
export const ordinaryCalls: readonly string[] = [
  files,
  names,
  mounts,
  memory,
  processes,
  futexes,
  signals,
  credentials,
  scheduling,
  times,
  waiting,
  sockets,
  queues,
].flat()

/**
 * Calls that no container may make, and that programs know: these get EPERM. What is in no list, calls of later kernels
 * above all, gets ENOSYS, so that programs fall back on what they did before.
 */
export const refusedCalls: readonly string[] = words(`
  bdflush cachestat io_pgetevents io_pgetevents_time64 kexec_file_load kexec_load map_shadow_stack migrate_pages
  move_pages nfsservctl nice oldfstat oldlstat oldolduname oldstat olduname pciconfig_iobase pciconfig_read
  pciconfig_write sgetmask ssetmask swapoff swapon syscall sysfs uselib userfaultfd ustat vm86 vm86old vmsplice
`)

/** Calls that come with a capability, and without it get EPERM. */
export const privilegedCalls: readonly (readonly [capability: string, calls: readonly string[]])[] = [
  ['CAP_DAC_READ_SEARCH', words('open_by_handle_at')],
  ['CAP_SYS_ADMIN', words('lookup_dcookie quotactl quotactl_fd setdomainname sethostname')],
  ['CAP_SYS_CHROOT', words('chroot')],
  ['CAP_SYS_MODULE', words('delete_module finit_module init_module query_module')],
  ['CAP_SYS_PACCT', words('acct')],
  ['CAP_SYS_PTRACE', words('kcmp process_madvise')],
  ['CAP_SYS_RAWIO', words('ioperm iopl')],
  ['CAP_SYS_TIME', words('clock_settime clock_settime64 settimeofday stime')],
  ['CAP_SYS_TTY_CONFIG', words('vhangup')],
]

/** Calls that come with either of two capabilities. */
export const tracingCalls: readonly (readonly [capabilities: readonly string[], calls: readonly string[]])[] =
  [
    [['CAP_SYS_ADMIN', 'CAP_BPF'], ['bpf']],
    [['CAP_SYS_ADMIN', 'CAP_PERFMON'], ['perf_event_open']],
  ]

/** Calls that only some architectures have. */
export const architectureCalls: readonly (readonly [arches: readonly string[], calls: readonly string[]])[] =
  [
    [
      ['arm', 'arm64'],
      words('arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2'),
    ],
    [['amd64', 'x32'], ['arch_prctl']],
    [['amd64', 'x32', 'x86'], ['modify_ldt']],
  ]
