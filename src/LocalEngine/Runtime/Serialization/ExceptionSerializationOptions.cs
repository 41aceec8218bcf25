namespace Orleans.Serialization;

/// <summary>Which exceptions without a serializer of their own may be sent to a caller.</summary>
public class ExceptionSerializationOptions
{
    /// <summary>Exceptions in a namespace that begins so are sent.</summary>
    public HashSet<string> SupportedNamespacePrefixes { get; } = new(StringComparer.Ordinal) { "Microsoft", "System", "Azure", "Orleans" };

    /// <summary>Exceptions for which this returns true are sent; by default none.</summary>
    public Func<Type, bool> SupportedExceptionTypeFilter { get; set; } = static _ => false;
}
