using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>A member that is serialized: the field that holds it, and whether its value may be shared.</summary>
internal sealed record SerializedMember(FieldInfo Field, bool IsImmutable)
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public Type Type => Field.FieldType;

    /// <summary>
    /// The members of an attributed type, those of its bases included: what has an id, the parameters of a record's primary
    /// constructor, and public properties where the attribute asks for them.
    /// </summary>
    /// <exception cref="CodecNotFoundException">A base type is not serializable.</exception>
    public static IReadOnlyList<SerializedMember> Of(Type type)
    {
        var members = new List<SerializedMember>();
        for (var level = type; level is not null && level != typeof(object) && level != typeof(ValueType) && level != typeof(Exception); level = level.BaseType)
        {
            if (level.GetCustomAttribute<GenerateSerializerAttribute>(false) is not { } attribute)
            {
                throw new CodecNotFoundException($"Could not find a base type serializer for type {level}.");
            }

            AddDeclared(level, attribute, members);
        }

        return members;
    }

    /// <summary>All fields: for tuples and pairs.</summary>
    public static IReadOnlyList<SerializedMember> FieldsOf(Type type) =>
        [.. type.GetFields(Declared).Select(static field => new SerializedMember(field, false))];

    private static void AddDeclared(Type level, GenerateSerializerAttribute attribute, List<SerializedMember> members)
    {
        var primary = PrimaryConstructorParameters(level, attribute);
        var fields = level.GetFields(Declared).ToDictionary(static field => field.Name, StringComparer.Ordinal);
        foreach (var field in fields.Values.Where(static field => field.IsDefined(typeof(IdAttribute), false)))
        {
            members.Add(new(field, field.IsDefined(typeof(ImmutableAttribute), false)));
        }

        foreach (var property in level.GetProperties(Declared))
        {
            var isSerialized = property.IsDefined(typeof(IdAttribute), false)
                || primary.Contains(property.Name)
                || (attribute.GenerateFieldIds == GenerateFieldIds.PublicProperties && property is { GetMethod.IsPublic: true, SetMethod: not null });
            if (isSerialized && fields.TryGetValue($"<{property.Name}>k__BackingField", out var field))
            {
                members.Add(new(field, property.IsDefined(typeof(ImmutableAttribute), false)));
            }
        }
    }

    // A positional record has a Deconstruct of the compiler's, with its parameters in order.
    private static HashSet<string> PrimaryConstructorParameters(Type level, GenerateSerializerAttribute attribute)
    {
        var deconstruct = level.GetMethods(Declared)
            .FirstOrDefault(static method => method.Name == "Deconstruct" && method.IsDefined(typeof(CompilerGeneratedAttribute), false));
        return deconstruct is null && !attribute.IncludePrimaryConstructorParameters
            ? []
            : [.. deconstruct?.GetParameters().Select(static parameter => parameter.Name!) ?? []];
    }
}
