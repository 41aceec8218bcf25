using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain or a reference says of itself.</summary>
public static class GrainExtensions
{
    /// <summary>The identity.</summary>
    public static GrainId GetGrainId(this IAddressable grain) => grain switch
    {
        GrainReference reference => reference.GrainId,
        IGrainBase instance => instance.GrainContext.GrainId,
        _ => throw new ArgumentException($"GetGrainId has been called on an unexpected type: {grain.GetType()}.", nameof(grain)),
    };

    /// <summary>A reference of the grain by an interface.</summary>
    public static TGrainInterface AsReference<TGrainInterface>(this IAddressable grain) => (TGrainInterface)grain.AsReference(typeof(TGrainInterface));

    /// <summary>A reference of the grain by an interface.</summary>
    public static object AsReference(this IAddressable grain, Type interfaceType) => interfaceType.IsInstanceOfType(grain) && grain is GrainReference ? grain : ReferenceOf(grain, interfaceType);

    /// <summary>A reference of the grain by an interface.</summary>
    public static TGrainInterface Cast<TGrainInterface>(this IAddressable grain) => grain.AsReference<TGrainInterface>();

    /// <summary>A reference of the grain by an interface.</summary>
    public static object Cast(this IAddressable grain, Type interfaceType) => grain.AsReference(interfaceType);

    /// <summary>Whether the key is a number.</summary>
    public static bool IsPrimaryKeyBasedOnLong(this IAddressable grain) => grain.GetGrainId().TryGetIntegerKey(out _, out _);

    /// <summary>The key as a number.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain, out string? keyExt) => grain.GetGrainId().GetIntegerKey(out keyExt);

    /// <summary>The key as a number.</summary>
    public static long GetPrimaryKeyLong(this IAddressable grain) => grain.GetGrainId().GetIntegerKey();

    /// <summary>The key as a GUID.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain, out string? keyExt) => grain.GetGrainId().GetGuidKey(out keyExt);

    /// <summary>The key as a GUID.</summary>
    public static Guid GetPrimaryKey(this IAddressable grain) => grain.GetGrainId().GetGuidKey();

    /// <summary>The key as a text.</summary>
    public static string GetPrimaryKeyString(this IAddressable grain) => grain.GetGrainId().Key.ToString()!;

    private static object ReferenceOf(IAddressable grain, Type interfaceType)
    {
        var reference = grain as GrainReference ?? ((IGrainBase)grain).GrainContext.GrainReference;
        return reference.Factory.GetGrain(reference.GrainId, GrainInterfaceType.Create(
            interfaceType.GetCustomAttributes(typeof(GrainInterfaceTypeAttribute), false).OfType<GrainInterfaceTypeAttribute>().FirstOrDefault()?.GetGrainInterfaceType(null!, interfaceType).ToString()
            ?? interfaceType.GetCustomAttributes(typeof(AliasAttribute), false).OfType<AliasAttribute>().FirstOrDefault()?.Alias
            ?? interfaceType.FullName!));
    }
}
