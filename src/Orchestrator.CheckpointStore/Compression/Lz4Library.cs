using System.Runtime.InteropServices;

namespace Orchestrator.CheckpointStore.Compression;

/// <summary>The system's liblz4, where there is one.</summary>
internal sealed unsafe class Lz4Library
{
    private static readonly string[] Names = ["liblz4.so.1", "liblz4.so", "liblz4.dylib"];
    private static readonly Lazy<Lz4Library?> Found = new(static () => SystemLibrary.Find(Names, static library => new Lz4Library(library)));

    private Lz4Library(nint library)
    {
        Compress = (delegate* unmanaged<byte*, byte*, int, int, int, int>)NativeLibrary.GetExport(library, "LZ4_compress_fast");
        Decompress = (delegate* unmanaged<byte*, byte*, int, int, int>)NativeLibrary.GetExport(library, "LZ4_decompress_safe");
        Version = Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "LZ4_versionString"))()) ?? "";
    }

    /// <summary>Null where the system has none.</summary>
    public static Lz4Library? Instance => Found.Value;

    public string Version { get; }

    public delegate* unmanaged<byte*, byte*, int, int, int, int> Compress { get; }

    public delegate* unmanaged<byte*, byte*, int, int, int> Decompress { get; }
}
