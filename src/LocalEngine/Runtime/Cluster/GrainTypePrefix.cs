namespace Orleans.Runtime;

/// <summary>Kinds that are not those of application grains.</summary>
public static class GrainTypePrefix
{
    /// <summary>Begins all of them.</summary>
    public const string SystemPrefix = "sys.";

    /// <summary>Begins those of parts of silos.</summary>
    public const string SystemTargetPrefix = SystemPrefix + "svc.";

    /// <summary>Begins those of grain services.</summary>
    public const string GrainServicePrefix = SystemTargetPrefix + "user.";

    /// <summary>The kind of clients.</summary>
    public const string ClientPrefix = SystemPrefix + "client";

    /// <summary>The kind of clients.</summary>
    public static readonly GrainType ClientGrainType = GrainType.Create(ClientPrefix);

    /// <summary>Whether it is the kind of clients.</summary>
    public static bool IsClient(this in GrainType type) => type.AsSpan().StartsWith(ClientGrainType.AsSpan());

    /// <summary>Whether it is a client.</summary>
    public static bool IsClient(this in GrainId id) => id.Type.IsClient();

    /// <summary>Whether it is the kind of a part of silos.</summary>
    public static bool IsSystemTarget(this in GrainType type) => type.AsSpan().StartsWith("sys.svc."u8);

    /// <summary>Whether it is a part of a silo.</summary>
    public static bool IsSystemTarget(this in GrainId id) => id.Type.IsSystemTarget();

    /// <summary>Whether it is the kind of a grain service.</summary>
    public static bool IsGrainService(this in GrainType type) => type.AsSpan().StartsWith("sys.svc.user."u8);
}
