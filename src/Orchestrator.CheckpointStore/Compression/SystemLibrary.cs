using System.Runtime.InteropServices;

namespace Orchestrator.CheckpointStore.Compression;

/// <summary>Finds shared libraries of the system.</summary>
internal static class SystemLibrary
{
    /// <summary>The first of these that is there and has all that is bound; null where none is. One that is older than what is bound is as good as none.</summary>
    /// <param name="names">As the loader knows them, the best one first.</param>
    /// <param name="bind">Throws <see cref="EntryPointNotFoundException"/> where a function is missing.</param>
    public static T? Find<T>(IEnumerable<string> names, Func<nint, T> bind)
        where T : class
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library))
            {
                try
                {
                    return bind(library);
                }
                catch (EntryPointNotFoundException)
                {
                    NativeLibrary.Free(library);
                }
            }
        }

        return null;
    }
}
