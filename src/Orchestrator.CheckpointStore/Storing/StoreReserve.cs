using System.Security.Cryptography;
using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>A file without meaning that is given up when the disk is full, so that collection can write what it has to write before it deletes.</summary>
internal static class StoreReserve
{
    private const int Length = 1024 * 1024;

    /// <summary>Nothing is taken from a disk that has less left than this.</summary>
    private const long LeftAtLeast = 64L * Length;

    /// <summary>Makes it where it is missing, if there is room. Best effort.</summary>
    public static void Ensure(IStoreFiles files, string lease)
    {
        var name = $"{StoreNames.Reserve}{StoreNames.TemporaryInfix}{lease}";
        var found = files.List("").Where(file => file.Name.StartsWith(StoreNames.Reserve, StringComparison.Ordinal)).ToList();
        if (found.Any(file => file.Name == StoreNames.Reserve && file.Length == Length))
        {
            return;
        }

        try
        {
            // Half made ones of the dead, and one that a crash left empty.
            found.ForEach(file => files.Delete(file.Name));
            if (files.FreeBytes >= LeftAtLeast)
            {
                files.WriteWhole(StoreNames.Reserve, RandomNumberGenerator.GetBytes(Length), lease);
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Two that make it at once, or no room after all: there is a next time.
            files.Delete(name);
        }
    }

    /// <summary>False when there is none.</summary>
    public static bool GiveUp(IStoreFiles files)
    {
        if (!files.Exists(StoreNames.Reserve))
        {
            return false;
        }

        files.Delete(StoreNames.Reserve);
        files.SyncFolder("");
        return true;
    }
}
