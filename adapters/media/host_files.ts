/** Lets the wasm ffmpeg work on files of this machine in place: its file system asks here, and no file is copied into its heap. */

export interface FsNode {
  id: number;
  name: string;
  parent: FsNode;
  mode: number;
  node_ops: Record<string, unknown>;
  stream_ops: Record<string, unknown>;
}

interface FsStream {
  node: FsNode;
  flags: number;
  position: number;
  host?: { file: Deno.FsFile; offset: number };
}

/** The part of Emscripten's file system object that is used here. */
export interface Fs {
  root: FsNode;
  ErrnoError: new (errno: number) => Error;
  createNode(parent: FsNode, name: string, mode: number, device: number): FsNode;
  getPath(node: FsNode): string;
  isDir(mode: number): boolean;
  rmdir(path: string): void;
}

/** Numbers are those of musl as Emscripten uses them (WASI order), not Linux's. */
const ERRNO = {
  perm: 2,
  exists: 20,
  io: 29,
  invalid: 28,
  isDir: 31,
  notFound: 44,
  noSpace: 51,
  notDir: 54,
} as const;

const DIR = 0o40000;
const FILE = 0o100000;
const ALL = 0o777;
const ACCESS_MASK = 3;

/**
 * Every path that the memory file system does not know itself (`/dev`, `/proc`, files directly under `/`) becomes
 * a path of this machine. `/tmp` and `/home` of the memory file system are taken away, so those are the machine's too.
 */
export function mountHostFiles(fs: Fs): void {
  for (const path of ["/home/web_user", "/home", "/tmp"]) fs.rmdir(path);
  const nodes = createNodeOps(fs);
  fs.root.node_ops = { ...fs.root.node_ops, lookup: nodes.lookup };
}

function createNodeOps(fs: Fs) {
  const guard = createGuard(fs);
  const streams = createStreamOps(fs, guard);
  const childPath = (parent: FsNode, name: string) => `${fs.getPath(parent).replace(/\/$/, "")}/${name}`;

  const makeNode = (parent: FsNode, name: string, isDirectory: boolean): FsNode => {
    const node = fs.createNode(parent, name, (isDirectory ? DIR : FILE) | ALL, 0);
    node.node_ops = ops;
    node.stream_ops = streams;
    return node;
  };
  const lookup = (parent: FsNode, name: string): FsNode => {
    return makeNode(parent, name, guard(() => isFolder(childPath(parent, name))));
  };
  const ops: Record<string, unknown> = {
    lookup,
    getattr: (node: FsNode) => {
      const info = guard(() => Deno.statSync(fs.getPath(node)));
      const changed = info.mtime ?? new Date(0);
      return {
        dev: 1,
        ino: node.id,
        mode: node.mode,
        nlink: 1,
        uid: 0,
        gid: 0,
        rdev: 0,
        size: info.size,
        atime: changed,
        mtime: changed,
        ctime: changed,
        blksize: 4096,
        blocks: Math.ceil(info.size / 512),
      };
    },
    setattr: (node: FsNode, change: { size?: number }) => {
      const size = change.size;
      if (size !== undefined) guard(() => Deno.truncateSync(fs.getPath(node), size));
    },
    mknod: (parent: FsNode, name: string, mode: number) => {
      const path = childPath(parent, name);
      guard(() => fs.isDir(mode) ? Deno.mkdirSync(path) : Deno.createSync(path).close());
      return makeNode(parent, name, fs.isDir(mode));
    },
    rename: (node: FsNode, parent: FsNode, name: string) => {
      guard(() => Deno.renameSync(fs.getPath(node), childPath(parent, name)));
      node.name = name;
      node.parent = parent;
    },
    unlink: (parent: FsNode, name: string) => guard(() => Deno.removeSync(childPath(parent, name))),
    rmdir: (parent: FsNode, name: string) => guard(() => Deno.removeSync(childPath(parent, name))),
    readdir: (node: FsNode) =>
      guard(() => [".", "..", ...[...Deno.readDirSync(fs.getPath(node))].map((entry) => entry.name)]),
  };
  return { lookup };
}

type Guard = <T>(action: () => T) => T;

/** What this process may not look at is taken for a folder on the way to what it may: a file in it is judged by itself. */
function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return true;
    throw error;
  }
}

/** Turns what Deno throws into the numbers that C code understands. */
function createGuard(fs: Fs): Guard {
  return (action) => {
    try {
      return action();
    } catch (error) {
      throw new fs.ErrnoError(errnoOf(error));
    }
  };
}

function errnoOf(error: unknown): number {
  if (error instanceof Deno.errors.NotFound) return ERRNO.notFound;
  if (error instanceof Deno.errors.PermissionDenied) return ERRNO.perm;
  if (error instanceof Deno.errors.NotCapable) return ERRNO.perm;
  if (error instanceof Deno.errors.AlreadyExists) return ERRNO.exists;
  if (error instanceof Deno.errors.IsADirectory) return ERRNO.isDir;
  if (error instanceof Deno.errors.NotADirectory) return ERRNO.notDir;
  if (error instanceof Error && /No space left|os error 28\b/.test(error.message)) return ERRNO.noSpace;
  return ERRNO.io;
}

function createStreamOps(fs: Fs, guard: Guard): Record<string, unknown> {
  const handle = (stream: FsStream) => {
    if (stream.host === undefined) throw new fs.ErrnoError(ERRNO.io);
    return stream.host;
  };
  const moveTo = (host: { file: Deno.FsFile; offset: number }, position: number) => {
    if (host.offset === position) return;
    host.file.seekSync(position, Deno.SeekMode.Start);
    host.offset = position;
  };
  return {
    open: (stream: FsStream) => {
      if (fs.isDir(stream.node.mode)) return;
      const access = stream.flags & ACCESS_MASK;
      const file = guard(() =>
        Deno.openSync(fs.getPath(stream.node), { read: access !== 1, write: access !== 0 })
      );
      stream.host = { file, offset: 0 };
    },
    close: (stream: FsStream) => {
      stream.host?.file.close();
      delete stream.host;
    },
    read: (stream: FsStream, heap: Int8Array, offset: number, length: number, position: number) => {
      const host = handle(stream);
      return guard(() => {
        moveTo(host, position);
        const count = host.file.readSync(bytesOf(heap, offset, length)) ?? 0;
        host.offset += count;
        return count;
      });
    },
    write: (stream: FsStream, heap: Int8Array, offset: number, length: number, position: number) => {
      const host = handle(stream);
      return guard(() => {
        moveTo(host, position);
        const bytes = bytesOf(heap, offset, length);
        let done = 0;
        while (done < length) done += host.file.writeSync(bytes.subarray(done));
        host.offset += length;
        return length;
      });
    },
    llseek: (stream: FsStream, offset: number, whence: number) => {
      let position = offset;
      if (whence === 1) position += stream.position;
      if (whence === 2) position += guard(() => Deno.statSync(fs.getPath(stream.node)).size);
      if (position < 0) throw new fs.ErrnoError(ERRNO.invalid);
      return position;
    },
  };
}

/** The heap may have grown since the call began, so the view is made anew each time. */
function bytesOf(heap: Int8Array, offset: number, length: number): Uint8Array {
  return new Uint8Array(heap.buffer, heap.byteOffset + offset, length);
}
