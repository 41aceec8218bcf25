namespace Climate.Output;

/// <summary>External types of the classic NetCDF format; the numbers are the format's.</summary>
internal enum NetCdfType
{
    Byte = 1,
    Char = 2,
    Short = 3,
    Int = 4,
    Float = 5,
    Double = 6,
}

/// <summary>A dimension; length 0 is the record dimension.</summary>
internal sealed record NetCdfDimension(string Name, int Length);

/// <summary>An attribute: a text, or numbers of one type.</summary>
internal sealed record NetCdfAttribute(string Name, NetCdfType Type, string? Text, double[]? Numbers)
{
    public static NetCdfAttribute Of(string name, string text) => new(name, NetCdfType.Char, text, null);

    public static NetCdfAttribute Of(string name, double number) => new(name, NetCdfType.Double, null, [number]);

    public static NetCdfAttribute Of(string name, int number) => new(name, NetCdfType.Int, null, [number]);
}

/// <summary>A variable over dimensions given by their positions; <see cref="Begin"/> and <see cref="Size"/> locate its data.</summary>
internal sealed record NetCdfVariable(string Name, NetCdfType Type, int[] Dimensions, NetCdfAttribute[] Attributes)
{
    /// <summary>Byte offset of the data, of the first record for a record variable.</summary>
    public long Begin { get; init; }

    /// <summary>Bytes of the variable, per record for a record variable.</summary>
    public long Size { get; init; }

    public static int SizeOf(NetCdfType type) => type switch
    {
        NetCdfType.Byte or NetCdfType.Char => 1,
        NetCdfType.Short => 2,
        NetCdfType.Int or NetCdfType.Float => 4,
        NetCdfType.Double => 8,
        _ => throw new InvalidDataException($"{(int)type} is no type of the classic NetCDF format"),
    };
}

/// <summary>What a file's header says.</summary>
internal sealed record NetCdfSchema(NetCdfDimension[] Dimensions, NetCdfAttribute[] Attributes, NetCdfVariable[] Variables)
{
    public bool IsRecord(NetCdfVariable variable) =>
        variable.Dimensions.Length > 0 && Dimensions[variable.Dimensions[0]].Length == 0;

    /// <summary>Values of the variable, per record for a record variable.</summary>
    public long CountOf(NetCdfVariable variable) =>
        variable.Dimensions.Where(d => Dimensions[d].Length > 0).Aggregate(1L, (count, d) => checked(count * Dimensions[d].Length));

    /// <summary>Bytes of one record of all record variables.</summary>
    public long RecordSize => Variables.Where(IsRecord).Sum(v => v.Size);

    /// <summary>Offset of the first record.</summary>
    public long RecordsBegin => Variables.Where(IsRecord).Min(v => v.Begin);
}
