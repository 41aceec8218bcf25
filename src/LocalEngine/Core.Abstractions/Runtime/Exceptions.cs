namespace Orleans.Runtime;

/// <summary>The base of Orleans' own errors.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>An error without words.</summary>
    public OrleansException() : base("Unexpected error.") { }

    /// <summary>An error in words.</summary>
    public OrleansException(string message) : base(message) { }

    /// <summary>An error with its cause.</summary>
    public OrleansException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A call was turned away.</summary>
[GenerateSerializer]
public class OrleansMessageRejectionException : OrleansException
{
    internal OrleansMessageRejectionException(string message) : base(message) { }

    internal OrleansMessageRejectionException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The silo of the callee is gone or going.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>An error without words.</summary>
    public SiloUnavailableException() : base("SiloUnavailableException") { }

    /// <summary>An error in words.</summary>
    public SiloUnavailableException(string msg) : base(msg) { }

    /// <summary>An error with its cause.</summary>
    public SiloUnavailableException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A bound was crossed, such as that of queued calls.</summary>
[GenerateSerializer]
public sealed class LimitExceededException : OrleansException
{
    /// <summary>An error without words.</summary>
    public LimitExceededException() : base("Limit exceeded") { }

    /// <summary>An error in words.</summary>
    public LimitExceededException(string message) : base(message) { }

    /// <summary>An error with its cause.</summary>
    public LimitExceededException(string message, Exception innerException) : base(message, innerException) { }

    /// <summary>An error with the bound and what was reached.</summary>
    public LimitExceededException(string limitName, int current, int threshold, object extraInfo)
        : base($"Limit exceeded {limitName} Current={current} Threshold={threshold} {extraInfo}") { }
}

/// <summary>Something is configured wrongly.</summary>
[GenerateSerializer]
public sealed class OrleansConfigurationException : Exception
{
    /// <summary>An error in words.</summary>
    public OrleansConfigurationException(string message) : base(message) { }

    /// <summary>An error with its cause.</summary>
    public OrleansConfigurationException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The client that is called is gone.</summary>
[GenerateSerializer]
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(string message) : base(message) { }
}

/// <summary>The start or stop of a silo or client was cancelled.</summary>
[GenerateSerializer]
public sealed class OrleansLifecycleCanceledException : OrleansException
{
    internal OrleansLifecycleCanceledException(string message) : base(message) { }
}

/// <summary>The activation does not answer the extension that was called.</summary>
[GenerateSerializer]
public sealed class GrainExtensionNotInstalledException : OrleansException
{
    /// <summary>An error without words.</summary>
    public GrainExtensionNotInstalledException() : base("GrainExtensionNotInstalledException") { }

    /// <summary>An error in words.</summary>
    public GrainExtensionNotInstalledException(string message) : base(message) { }

    /// <summary>An error with its cause.</summary>
    public GrainExtensionNotInstalledException(string message, Exception innerException) : base(message, innerException) { }
}
