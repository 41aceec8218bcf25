namespace Orleans;

/// <summary>Converts between a value that cannot be attributed and a surrogate that is.</summary>
public interface IConverter<TValue, TSurrogate> where TSurrogate : struct
{
    /// <summary>Makes the value of a surrogate.</summary>
    TValue ConvertFromSurrogate(in TSurrogate surrogate);

    /// <summary>Makes the surrogate of a value.</summary>
    TSurrogate ConvertToSurrogate(in TValue value);
}

/// <summary>Fills an existing value from a surrogate.</summary>
public interface IPopulator<TValue, TSurrogate> where TSurrogate : struct where TValue : class
{
    /// <summary>Fills <paramref name="value"/> from <paramref name="surrogate"/>.</summary>
    void Populate(in TSurrogate surrogate, TValue value);
}

/// <summary>Marks a converter, so that the serializer finds it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class RegisterConverterAttribute : Attribute;

/// <summary>Marks a copier, so that the serializer finds it.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class RegisterCopierAttribute : Attribute;

/// <summary>Marks a serializer, so that it is found.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class RegisterSerializerAttribute : Attribute;
