namespace Orleans;

/// <summary>Why an activation ends.</summary>
[GenerateSerializer, Immutable]
public readonly struct DeactivationReason
{
    /// <summary>A reason without an error.</summary>
    public DeactivationReason(DeactivationReasonCode code, string text) : this(code, null, text) { }

    /// <summary>A reason with an error.</summary>
    public DeactivationReason(DeactivationReasonCode code, Exception? exception, string text)
    {
        ReasonCode = code;
        Exception = exception;
        Description = text;
    }

    /// <summary>The kind of reason.</summary>
    [Id(0)]
    public DeactivationReasonCode ReasonCode { get; }

    /// <summary>In words.</summary>
    [Id(1)]
    public string Description { get; }

    /// <summary>The error, if there was one.</summary>
    [Id(2)]
    public Exception? Exception { get; }

    /// <inheritdoc />
    public override string ToString() => Exception is null ? $"{ReasonCode}: {Description}." : $"{ReasonCode}: {Description}. Exception: {Exception}";
}

/// <summary>Kinds of reasons to end an activation.</summary>
[GenerateSerializer]
public enum DeactivationReasonCode : byte
{
    /// <summary>None was given.</summary>
    None = 0,

    /// <summary>The silo stops.</summary>
    ShuttingDown = 1,

    /// <summary>It could not be activated.</summary>
    ActivationFailed = 2,

    /// <summary>The directory failed.</summary>
    DirectoryFailure = 3,

    /// <summary>Nobody called for long.</summary>
    ActivationIdle = 4,

    /// <summary>It did not answer.</summary>
    ActivationUnresponsive = 5,

    /// <summary>The grain was active elsewhere.</summary>
    DuplicateActivation = 6,

    /// <summary>A call did not fit.</summary>
    IncompatibleRequest = 7,

    /// <summary>The grain failed.</summary>
    ApplicationError = 8,

    /// <summary>The grain asked for it.</summary>
    ApplicationRequested = 9,

    /// <summary>It moves.</summary>
    Migrating = 10,

    /// <summary>The runtime asked for it.</summary>
    RuntimeRequested = 11,

    /// <summary>Memory ran short.</summary>
    HighMemoryPressure = 12,
}
