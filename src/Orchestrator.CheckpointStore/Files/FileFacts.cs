namespace Orchestrator.CheckpointStore.Files;

/// <summary>What the file system says of one path.</summary>
/// <param name="Type">Which kind of file.</param>
/// <param name="Mode">Permissions.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Last change of the bytes, nanoseconds since 1970.</param>
/// <param name="Inode">Which file it is, on its file system.</param>
/// <param name="Changed">Last change of bytes, permissions or name, nanoseconds since 1970.</param>
/// <param name="Device">Which file system.</param>
/// <param name="Allocated">Bytes on disk; less than the size where a file has holes.</param>
internal readonly record struct FileFacts(FileType Type, UnixFileMode Mode, long Size, long Modified, long Changed, long Inode, long Device, long Allocated);
