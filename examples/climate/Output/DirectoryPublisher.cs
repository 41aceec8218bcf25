namespace Climate.Output;

/// <summary>
/// Publishes a directory whole: it is written as <c>NAME.partial/</c>, its files and names made durable, and then renamed to <c>NAME/</c>.
/// Who sees <c>NAME/</c> sees all of it, whatever crashes.
/// </summary>
internal static class DirectoryPublisher
{
    public static void Publish(string path, Action<string> write)
    {
        var partial = path + ".partial";
        Remove(partial);
        Directory.CreateDirectory(partial);
        write(partial);
        NativeFile.FlushDirectory(partial);
        Remove(path);
        Directory.Move(partial, path);
        NativeFile.FlushDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
