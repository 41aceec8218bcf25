using System.Globalization;
using System.Text;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>
/// How a grain's key is stored: a key that reads as a GUID or as a hexadecimal number fills the number columns, with what
/// follows a plus sign as its extension; every other key is the extension itself.
/// </summary>
internal sealed record AdoNetGrainKey(long N0, long N1, string? Extension, string Text)
{
    private byte[] number = [];

    public static AdoNetGrainKey Of(GrainId grainId)
    {
        if (grainId.TryGetGuidKey(out var guid, out var extension))
        {
            var bytes = guid.ToByteArray();
            return new(BitConverter.ToInt64(bytes, 0), BitConverter.ToInt64(bytes, 8), extension, WithExtension(guid.ToString(), extension)) { number = bytes };
        }

        if (grainId.TryGetIntegerKey(out var integer, out extension))
        {
            return new(0, integer, extension, WithExtension(integer.ToString(CultureInfo.InvariantCulture), extension)) { number = BitConverter.GetBytes(integer) };
        }

        var key = grainId.Key.ToString() ?? "";
        return new(0, 0, key, key);
    }

    /// <summary>What is hashed: the number, then the extension, the whole backwards.</summary>
    public byte[] HashBytes()
    {
        byte[] bytes = [.. number, .. Extension is null ? [] : Encoding.UTF8.GetBytes(Extension)];
        Array.Reverse(bytes);
        return bytes;
    }

    private static string WithExtension(string key, string? extension) => extension is null ? key : $"{key}#{extension}";
}
