namespace Orleans;

/// <summary>Which members get ids without being asked for them.</summary>
public enum GenerateFieldIds
{
    /// <summary>Only members with an <see cref="IdAttribute"/>.</summary>
    None = 0,

    /// <summary>All public properties.</summary>
    PublicProperties = 1,
}

/// <summary>Marks a type as serializable: it may cross a grain boundary or be stored.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum)]
public sealed class GenerateSerializerAttribute : Attribute
{
    /// <summary>Whether the parameters of a primary constructor count as members.</summary>
    public bool IncludePrimaryConstructorParameters { get; init; }

    /// <summary>Which members get ids by themselves.</summary>
    public GenerateFieldIds GenerateFieldIds { get; init; } = GenerateFieldIds.None;
}

/// <summary>The identity of a member within its type. It is never reused and never renumbered.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method)]
public sealed class IdAttribute(uint id) : Attribute
{
    /// <summary>The identity.</summary>
    public uint Id { get; } = id;
}

/// <summary>A name of a type, or of a method within its interface, that survives renames.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum | AttributeTargets.Method, AllowMultiple = true)]
public sealed class AliasAttribute(string alias) : Attribute
{
    /// <summary>The name.</summary>
    public string Alias { get; } = alias;
}

/// <summary>A name of a type that is made of parts, each a type or a string.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Interface | AttributeTargets.Struct | AttributeTargets.Enum, AllowMultiple = true)]
public sealed class CompoundTypeAliasAttribute(params object[] components) : Attribute
{
    /// <summary>The parts.</summary>
    public object[] Components { get; } = components;
}

/// <summary>Promises that values are never changed after they were made, so that they are passed without a copy.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Field | AttributeTargets.Property | AttributeTargets.Parameter | AttributeTargets.ReturnValue, Inherited = false)]
public sealed class ImmutableAttribute : Attribute;

/// <summary>The type adds no members of its own to what is serialized.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SerializerTransparentAttribute : Attribute;

/// <summary>Values of the type are never written as references to an earlier one.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SuppressReferenceTrackingAttribute : Attribute;

/// <summary>Members with default values are left out.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class OmitDefaultMemberValuesAttribute : Attribute;

/// <summary>Instances are made by a registered activator.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class UseActivatorAttribute : Attribute;

/// <summary>A type with hooks that run before and after serialization and copying.</summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class SerializationCallbacksAttribute(Type hookType) : Attribute
{
    /// <summary>The type of the hooks.</summary>
    public Type HookType { get; } = hookType;
}

/// <summary>Serializers are made for the assembly that declares a type.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class GenerateCodeForDeclaringAssemblyAttribute(Type type) : Attribute
{
    /// <summary>A type of the assembly.</summary>
    public Type Type { get; } = type;
}
