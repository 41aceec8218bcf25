namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>The pinned names of grain classes.</summary>
internal static class GrainTypes
{
    /// <summary>What the class's <c>[GrainType]</c> says, or null.</summary>
    public static string? NameOf(Type type) => type.GetCustomAttributesData()
        .FirstOrDefault(static attribute => attribute.AttributeType == typeof(Orleans.GrainTypeAttribute))
        ?.ConstructorArguments[0].Value as string;

    /// <summary>What the interface's <c>[GrainInterfaceType]</c> says, or null.</summary>
    public static string? InterfaceNameOf(Type type) => type.GetCustomAttributesData()
        .FirstOrDefault(static attribute => attribute.AttributeType.Name == "GrainInterfaceTypeAttribute")
        ?.ConstructorArguments[0].Value as string;
}
