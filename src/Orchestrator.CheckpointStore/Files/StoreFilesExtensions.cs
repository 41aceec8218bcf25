namespace Orchestrator.CheckpointStore.Files;

/// <summary>Whole files of a store.</summary>
internal static class StoreFilesExtensions
{
    /// <summary>
    /// Writes a file whole or not at all, durably: under another name first, then renamed into place. The other name ends with the id of the lease, so that collection
    /// knows whose it is.
    /// </summary>
    public static void WriteWhole(this IStoreFiles files, string name, ReadOnlySpan<byte> bytes, string lease)
    {
        files.Rename(files.WriteBeside(name, bytes, lease), name);
        files.SyncFolder(name[..Math.Max(0, name.IndexOf('/', StringComparison.Ordinal))]);
    }

    /// <summary>The first half of <see cref="WriteWhole"/>: the bytes are durable under the other name, which is returned.</summary>
    public static string WriteBeside(this IStoreFiles files, string name, ReadOnlySpan<byte> bytes, string lease)
    {
        var temporary = $"{name}{StoreNames.TemporaryInfix}{lease}";
        files.Delete(temporary);
        using (var writer = files.Create(temporary))
        {
            writer.Write(bytes);
            writer.Sync();
        }

        return temporary;
    }

    public static byte[] ReadWhole(this IStoreFiles files, string name)
    {
        using var reader = files.Open(name);
        if (reader.Length > Array.MaxLength)
        {
            throw new StoreException($"{files.Description}/{name} has {reader.Length} bytes, which no file of this kind can have.");
        }

        var bytes = new byte[reader.Length];
        var read = reader.Read(0, bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
