using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Orchestrator.Storage;

/// <summary>
/// Chooses the native library once per process: the system's where it is newer than the one that ships with us, for its fixes; ours otherwise.
/// </summary>
internal static class SqliteLibrary
{
    private const string LibraryName = "e_sqlite3";

    /// <summary>3.35.0: the first version with RETURNING, which makes every write one statement.</summary>
    private const int RequiredVersion = 3_035_000;

    private static readonly Lazy<string> Loaded = new(Load);

    // Asked for once per imported function: two libraries in one process would undo each other's locks.
    private static readonly Lazy<IntPtr> Library = new(Choose);

    /// <summary>The version of the library in use.</summary>
    /// <exception cref="NotSupportedException">No library is new enough.</exception>
    public static string Version => Loaded.Value;

    private static string Load()
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        Batteries_V2.Init();
        var version = raw.sqlite3_libversion().utf8_to_string();
        return raw.sqlite3_libversion_number() >= RequiredVersion
            ? version
            : throw new NotSupportedException($"SQLite {version} is too old: 3.35 or newer is needed. Install a newer libsqlite3, or use the library that ships with this program.");
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? search) => name == LibraryName ? Library.Value : IntPtr.Zero;

    private static IntPtr Choose()
    {
        var hasOurs = NativeLibrary.TryLoad(LibraryName, typeof(SQLite3Provider_e_sqlite3).Assembly, null, out var ours);
        if (OperatingSystem.IsLinux() && NativeLibrary.TryLoad("libsqlite3.so.0", out var system))
        {
            if (!hasOurs || VersionOf(system) > VersionOf(ours))
            {
                return system;
            }

            NativeLibrary.Free(system);
        }

        return ours;
    }

    private static int VersionOf(IntPtr library) =>
        NativeLibrary.TryGetExport(library, "sqlite3_libversion_number", out var function)
            ? Marshal.GetDelegateForFunctionPointer<VersionNumber>(function)()
            : 0;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int VersionNumber();
}
