using System.Buffers.Binary;
using System.Text;

namespace Climate.Output;

/// <summary>Encodes a header of the 64-bit offset format (CDF-2) and lays the variables out behind it.</summary>
internal static class NetCdfHeader
{
    /// <summary>Where the number of records stands in every file.</summary>
    public const int RecordCountOffset = 4;

    private const int DimensionTag = 10, VariableTag = 11, AttributeTag = 12;

    /// <summary>The header with 0 records, and the schema with the place of every variable.</summary>
    public static (byte[] Header, NetCdfSchema Placed) Encode(NetCdfSchema schema)
    {
        // The length of the header does not depend on the offsets in it: a first pass measures, a second one writes.
        var begin = (long)Write(schema).Length;
        var sized = schema.Variables.Select(v => v with { Size = Padded(schema.CountOf(v) * NetCdfVariable.SizeOf(v.Type)) }).ToArray();
        foreach (var record in new[] { false, true })
        {
            for (var i = 0; i < sized.Length; i++)
            {
                if (schema.IsRecord(sized[i]) == record)
                {
                    sized[i] = sized[i] with { Begin = begin };
                    begin += sized[i].Size;
                }
            }
        }

        var placed = schema with { Variables = sized };
        return (Write(placed), placed);
    }

    private static long Padded(long size) => (size + 3) & ~3L;

    private static byte[] Write(NetCdfSchema schema)
    {
        using var stream = new MemoryStream();
        stream.Write("CDF\u0002"u8);
        Int(stream, 0);
        Tag(stream, DimensionTag, schema.Dimensions.Length);
        foreach (var dimension in schema.Dimensions)
        {
            Name(stream, dimension.Name);
            Int(stream, dimension.Length);
        }

        Attributes(stream, schema.Attributes);
        Tag(stream, VariableTag, schema.Variables.Length);
        foreach (var variable in schema.Variables)
        {
            Name(stream, variable.Name);
            Int(stream, variable.Dimensions.Length);
            foreach (var dimension in variable.Dimensions)
            {
                Int(stream, dimension);
            }

            Attributes(stream, variable.Attributes);
            Int(stream, (int)variable.Type);
            Int(stream, checked((int)variable.Size));
            Long(stream, variable.Begin);
        }

        return stream.ToArray();
    }

    private static void Attributes(MemoryStream stream, NetCdfAttribute[] attributes)
    {
        Tag(stream, AttributeTag, attributes.Length);
        foreach (var attribute in attributes)
        {
            Name(stream, attribute.Name);
            Int(stream, (int)attribute.Type);
            if (attribute.Text is { } text)
            {
                Name(stream, text);
                continue;
            }

            Int(stream, attribute.Numbers!.Length);
            foreach (var number in attribute.Numbers)
            {
                switch (attribute.Type)
                {
                    case NetCdfType.Int:
                        Int(stream, (int)number);
                        break;
                    case NetCdfType.Double:
                        Long(stream, BitConverter.DoubleToInt64Bits(number));
                        break;
                    default:
                        throw new NotSupportedException($"attributes of type {attribute.Type} are not written");
                }
            }
        }
    }

    private static void Tag(MemoryStream stream, int tag, int count)
    {
        Int(stream, count == 0 ? 0 : tag);
        Int(stream, count);
    }

    private static void Name(MemoryStream stream, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Int(stream, bytes.Length);
        stream.Write(bytes);
        for (var i = bytes.Length; i % 4 != 0; i++)
        {
            stream.WriteByte(0);
        }
    }

    private static void Int(MemoryStream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void Long(MemoryStream stream, long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        stream.Write(bytes);
    }
}
