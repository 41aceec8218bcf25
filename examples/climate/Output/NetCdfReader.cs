using System.Buffers.Binary;
using System.Text;

namespace Climate.Output;

/// <summary>Reads classic NetCDF files (CDF-1 and CDF-2) of this and other programs.</summary>
internal sealed class NetCdfReader : IDisposable
{
    private const int CountMax = 100_000;

    private readonly FileStream stream;
    private readonly bool wide;

    /// <exception cref="InvalidDataException">The file is not classic NetCDF, or is shorter than its header says.</exception>
    public NetCdfReader(string path)
    {
        stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        try
        {
            Span<byte> magic = stackalloc byte[4];
            if (stream.ReadAtLeast(magic, 4, throwOnEndOfStream: false) < 4 || magic[0] != 'C' || magic[1] != 'D' || magic[2] != 'F' || magic[3] is not (1 or 2))
            {
                throw new InvalidDataException($"{path} is not a classic NetCDF file (CDF-1 or CDF-2)");
            }

            wide = magic[3] == 2;
            Records = Int();
            var dimensions = List(10, () => new NetCdfDimension(Name(), Int()));
            var attributes = Attributes();
            var variables = List(11, () =>
            {
                var name = Name();
                var over = new int[Count()];
                for (var i = 0; i < over.Length; i++)
                {
                    over[i] = Int();
                    if (over[i] < 0 || over[i] >= dimensions.Length)
                    {
                        throw new InvalidDataException($"variable {name} of {path} has no dimension {over[i]}");
                    }
                }

                var own = Attributes();
                var type = (NetCdfType)Int();
                _ = NetCdfVariable.SizeOf(type);
                var size = (uint)Int();
                return new NetCdfVariable(name, type, over, own) { Size = size, Begin = wide ? Long() : (uint)Int() };
            });
            Schema = new NetCdfSchema(dimensions, attributes, variables);
            if (Records < 0 || (Records > 0 && variables.Any(Schema.IsRecord) && stream.Length < Schema.RecordsBegin + Records * Schema.RecordSize))
            {
                throw new InvalidDataException($"{path} is shorter than the {Records} records that its header promises");
            }
        }
        catch (Exception e)
        {
            stream.Dispose();
            if (e is EndOfStreamException)
            {
                throw new InvalidDataException($"the header of {path} ends early", e);
            }

            throw;
        }
    }

    public int Records { get; }

    public NetCdfSchema Schema { get; }

    /// <summary>All values of a variable, or of one of its records.</summary>
    /// <exception cref="InvalidDataException">There is no such variable or record.</exception>
    public double[] Read(string name, int record = 0)
    {
        var variable = Schema.Variables.FirstOrDefault(v => v.Name == name)
            ?? throw new InvalidDataException($"the file has no variable {name}");
        var inRecords = Schema.IsRecord(variable);
        if (inRecords && (record < 0 || record >= Records))
        {
            throw new InvalidDataException($"the file has {Records} records, not record {record} of {name}");
        }

        var width = NetCdfVariable.SizeOf(variable.Type);
        var bytes = new byte[checked((int)(Schema.CountOf(variable) * width))];
        stream.Position = variable.Begin + (inRecords ? record * Schema.RecordSize : 0);
        try
        {
            stream.ReadExactly(bytes);
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException($"the file ends within {name}", e);
        }

        var values = new double[bytes.Length / width];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Value(bytes.AsSpan(i * width), variable.Type);
        }

        return values;
    }

    public void Dispose() => stream.Dispose();

    private static double Value(ReadOnlySpan<byte> bytes, NetCdfType type) => type switch
    {
        NetCdfType.Byte => (sbyte)bytes[0],
        NetCdfType.Char => bytes[0],
        NetCdfType.Short => BinaryPrimitives.ReadInt16BigEndian(bytes),
        NetCdfType.Int => BinaryPrimitives.ReadInt32BigEndian(bytes),
        NetCdfType.Float => BinaryPrimitives.ReadSingleBigEndian(bytes),
        _ => BinaryPrimitives.ReadDoubleBigEndian(bytes),
    };

    private T[] List<T>(int tag, Func<T> element)
    {
        var found = Int();
        var result = new T[Count()];
        if (found != tag && !(found == 0 && result.Length == 0))
        {
            throw new InvalidDataException($"the header of {stream.Name} is damaged: tag {found} where {tag} is due");
        }

        for (var i = 0; i < result.Length; i++)
        {
            result[i] = element();
        }

        return result;
    }

    private NetCdfAttribute[] Attributes() => List(12, () =>
    {
        var name = Name();
        var type = (NetCdfType)Int();
        var width = NetCdfVariable.SizeOf(type);
        var count = Count();
        var bytes = Bytes(count * width);
        if (type == NetCdfType.Char)
        {
            return NetCdfAttribute.Of(name, Encoding.UTF8.GetString(bytes));
        }

        var numbers = new double[count];
        for (var i = 0; i < count; i++)
        {
            numbers[i] = Value(bytes.AsSpan(i * width), type);
        }

        return new NetCdfAttribute(name, type, null, numbers);
    });

    private string Name() => Encoding.UTF8.GetString(Bytes(Count()));

    private int Count() => Int() is >= 0 and <= CountMax and var count
        ? count
        : throw new InvalidDataException($"the header of {stream.Name} is damaged: a length out of range");

    private byte[] Bytes(int count)
    {
        var bytes = new byte[(count + 3) & ~3];
        stream.ReadExactly(bytes);
        return bytes[..count];
    }

    private int Int()
    {
        Span<byte> bytes = stackalloc byte[4];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt32BigEndian(bytes);
    }

    private long Long()
    {
        Span<byte> bytes = stackalloc byte[8];
        stream.ReadExactly(bytes);
        return BinaryPrimitives.ReadInt64BigEndian(bytes);
    }
}
