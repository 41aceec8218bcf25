namespace Orleans.Serialization;

/// <summary>Something cannot be serialized or copied.</summary>
[GenerateSerializer]
public class SerializerException : Exception
{
    /// <summary>Says nothing more.</summary>
    public SerializerException()
    {
    }

    /// <summary>Says what is wrong.</summary>
    public SerializerException(string message) : base(message)
    {
    }

    /// <summary>Says what is wrong, and what caused it.</summary>
    public SerializerException(string message, Exception innerException) : base(message, innerException)
    {
    }
}

/// <summary>A type that is neither known to the serializer nor attributed was to cross a grain boundary.</summary>
[GenerateSerializer]
public sealed class CodecNotFoundException : SerializerException
{
    /// <summary>Names the type.</summary>
    public CodecNotFoundException(string message) : base(message)
    {
    }
}
