using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Storage;

/// <summary>
/// Keeps a second process off a data directory. The kernel holds the lock for the process and lets go of it with the process, however that ends; the files are never
/// deleted. A second file, which is never locked, tells others who holds the lock, and the next one whether the last one closed.
/// </summary>
internal sealed class DataDirectoryLock : IDisposable
{
    public const string LockName = "orchestrator.lock";
    public const string HolderName = "orchestrator.holder";

    /// <summary>What .NET reports for a lock that another handle has: EAGAIN of Linux, EWOULDBLOCK of macOS, a sharing violation of Windows.</summary>
    private static readonly int[] HeldErrors = [11, 35, unchecked((int)0x80070020)];

    private readonly SafeFileHandle handle;
    private readonly string holderPath;

    private DataDirectoryLock(SafeFileHandle handle, string holderPath)
    {
        this.handle = handle;
        this.holderPath = holderPath;
        LastClosed = Read(holderPath) is { IsClosed: true };
    }

    /// <summary>True when the one that held the lock before closed the database; nobody knows where the file is new.</summary>
    public bool LastClosed { get; }

    /// <exception cref="DataDirectoryInUseException">Another process holds it, or another silo of this one.</exception>
    /// <exception cref="StorageUnavailableException">The lock file cannot be opened.</exception>
    public static DataDirectoryLock Take(string directory)
    {
        var holderPath = Path.Combine(directory, HolderName);
        SafeFileHandle? handle = null;
        try
        {
            handle = File.OpenHandle(Path.Combine(directory, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var taken = new DataDirectoryLock(handle, holderPath);
            taken.Write(new Holder(ProcessIdentity.Own, false));
            return taken;
        }
        catch (IOException held) when (handle is null && HeldErrors.Contains(held.HResult))
        {
            throw new DataDirectoryInUseException(
                $"The data directory {directory} is in use by {Read(holderPath)?.Process?.ToString() ?? "another process"}. Stop it, or choose another with --data.", held);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            handle?.Dispose();
            throw new StorageUnavailableException($"The data directory {directory} cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Notes that the database was closed as it should be: the next one need not check it.</summary>
    public void MarkClosed() => Write(new Holder(ProcessIdentity.Own, true));

    public void Dispose() => handle.Dispose();

    private static Holder? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Holder>(File.ReadAllBytes(path));
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException or JsonException)
        {
            // Not there yet, or torn by a crash: as good as one that never closed.
            return null;
        }
    }

    private void Write(Holder holder)
    {
        using var file = File.OpenHandle(holderPath, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, JsonSerializer.SerializeToUtf8Bytes(holder), 0);
        RandomAccess.FlushToDisk(file);
    }

    private sealed record Holder(ProcessIdentity? Process, bool IsClosed);
}
