namespace Orleans.Serialization;

/// <summary>Which exceptions reach a caller as they are.</summary>
internal static class SerializableExceptions
{
    public static ExceptionSerializationOptions DefaultOptions { get; } = new();

    /// <summary>
    /// What the caller of a failed call gets: the exception itself, or, when it or one that it wraps cannot be sent, a
    /// <see cref="CodecNotFoundException"/> that names the type.
    /// </summary>
    public static Exception ForCaller(Exception exception, ExceptionSerializationOptions? options = null)
    {
        for (var current = exception; current is not null; current = current.InnerException)
        {
            if (!IsSerializable(current.GetType(), options ?? DefaultOptions))
            {
                return new CodecNotFoundException($"Could not find a codec for type {current.GetType()}.");
            }
        }

        return exception;
    }

    /// <summary>Whether exceptions of a type are sent: attributed, or of a supported namespace.</summary>
    public static bool IsSerializable(Type type, ExceptionSerializationOptions options) =>
        type.IsDefined(typeof(GenerateSerializerAttribute), false)
        || options.SupportedExceptionTypeFilter(type)
        || (type.Namespace is { } name && options.SupportedNamespacePrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal)));
}
