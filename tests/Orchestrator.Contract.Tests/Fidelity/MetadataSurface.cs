using System.Globalization;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>
/// What an assembly file declares publicly, read from its metadata: nothing is loaded or executed, and what the assembly
/// references need not be there.
/// </summary>
internal sealed class MetadataSurface
{
    private static readonly TypeNames Names = new();
    private readonly Dictionary<string, TypeFacts> types = new(StringComparer.Ordinal);

    /// <summary>The public types by full name.</summary>
    public IReadOnlyDictionary<string, TypeFacts> Types => types;

    /// <summary>Adds the public types of an assembly file.</summary>
    public void Add(string path)
    {
        using var stream = File.OpenRead(path);
        using var file = new PEReader(stream);
        var reader = file.GetMetadataReader();
        foreach (var handle in reader.TypeDefinitions)
        {
            if (IsPublic(reader, handle))
            {
                Add(reader, handle);
            }
        }
    }

    private void Add(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var generics = type.GetGenericParameters().Select(parameter => reader.GetString(reader.GetGenericParameter(parameter).Name)).ToList();
        var bare = Names.GetTypeFromDefinition(reader, handle, 0);
        var name = generics.Count == 0 ? bare : $"{bare}<{string.Join(',', generics)}>";

        // Two assemblies may declare static classes of one name: their members count together.
        if (!types.TryGetValue(name, out var facts))
        {
            facts = types[name] = new TypeFacts(AttributeUsageOf(reader, type), new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        }

        var accessors = new HashSet<MethodDefinitionHandle>();
        foreach (var property in type.GetProperties().Select(reader.GetPropertyDefinition))
        {
            var methods = property.GetAccessors();
            accessors.Add(methods.Getter);
            accessors.Add(methods.Setter);
            AddProperty(reader, property, methods, generics, facts);
        }

        foreach (var methods in type.GetEvents().Select(item => reader.GetEventDefinition(item).GetAccessors()))
        {
            accessors.Add(methods.Adder);
            accessors.Add(methods.Remover);
        }

        foreach (var method in type.GetMethods().Where(item => !accessors.Contains(item)).Select(reader.GetMethodDefinition))
        {
            AddMethod(reader, type, method, generics, facts);
        }

        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition))
        {
            var visible = (field.Attributes & FieldAttributes.FieldAccessMask) is FieldAttributes.Public or FieldAttributes.Family or FieldAttributes.FamORAssem;
            if (visible && (field.Attributes & FieldAttributes.SpecialName) == 0)
            {
                var isConstant = (field.Attributes & FieldAttributes.Literal) != 0;
                var prefix = isConstant ? "const " : (field.Attributes & FieldAttributes.Static) != 0 ? "static " : "";
                var line = $"{prefix}{field.DecodeSignature(Names, new(generics, []))} {reader.GetString(field.Name)}";
                facts.Members.Add(line);
                if (isConstant)
                {
                    facts.Constants[line] = ConstantOf(reader, field.GetDefaultValue());
                }
            }
        }
    }

    private static void AddProperty(MetadataReader reader, PropertyDefinition property, PropertyAccessors methods, List<string> generics, TypeFacts facts)
    {
        var get = IsVisible(reader, methods.Getter);
        var set = IsVisible(reader, methods.Setter);
        if (get || set)
        {
            var accessor = reader.GetMethodDefinition(methods.Getter.IsNil ? methods.Setter : methods.Getter);
            var isStatic = (accessor.Attributes & MethodAttributes.Static) != 0;
            var type = property.DecodeSignature(Names, new(generics, [])).ReturnType;
            facts.Members.Add($"{(isStatic ? "static " : "")}{type} {reader.GetString(property.Name)} {{ {(get ? "get; " : "")}{(set ? "set; " : "")}}}");
        }
    }

    private static void AddMethod(MetadataReader reader, TypeDefinition type, MethodDefinition method, List<string> typeGenerics, TypeFacts facts)
    {
        var name = reader.GetString(method.Name);
        if (!IsVisible(method.Attributes) || name == ".cctor" || name.Contains('<', StringComparison.Ordinal))
        {
            return;
        }

        var generics = method.GetGenericParameters().Select(reader.GetGenericParameter).ToList();
        var context = new TypeNames.GenericNames(typeGenerics, [.. generics.Select(parameter => reader.GetString(parameter.Name))]);
        var signature = method.DecodeSignature(Names, context);
        var rows = method.GetParameters().Select(reader.GetParameter).Where(static row => row.SequenceNumber > 0).ToDictionary(static row => (int)row.SequenceNumber);
        var parameters = string.Join(", ", signature.ParameterTypes.Select((parameter, index) =>
            rows.TryGetValue(index + 1, out var row)
                ? $"{parameter} {reader.GetString(row.Name)}{((row.Attributes & ParameterAttributes.Optional) != 0 ? "?" : "")}"
                : parameter));

        string line;
        if (name == ".ctor")
        {
            line = $".ctor({parameters})";
        }
        else
        {
            var isInterface = (type.Attributes & TypeAttributes.Interface) != 0;
            var isSealed = (type.Attributes & TypeAttributes.Sealed) != 0;
            var overridable = (method.Attributes & (MethodAttributes.Virtual | MethodAttributes.Final)) == MethodAttributes.Virtual && !isSealed && !isInterface;
            var access = (method.Attributes & MethodAttributes.MemberAccessMask) == MethodAttributes.Public ? "" : "protected ";
            var modifiers = $"{access}{((method.Attributes & MethodAttributes.Static) != 0 ? "static " : overridable ? "virtual " : "")}";
            var arguments = generics.Count == 0 ? "" : $"<{string.Join(',', context.OfMethod)}>";
            line = $"{modifiers}{signature.ReturnType} {name}{arguments}({parameters}){string.Concat(generics.Select(item => ConstraintsOf(reader, item, context)))}";
        }

        facts.Members.Add(line);
        foreach (var row in rows.Values.Where(static row => (row.Attributes & ParameterAttributes.HasDefault) != 0))
        {
            facts.Constants[$"{line}: {reader.GetString(row.Name)}"] = ConstantOf(reader, row.GetDefaultValue());
        }
    }

    private static string ConstraintsOf(MetadataReader reader, GenericParameter parameter, TypeNames.GenericNames context)
    {
        var isStruct = parameter.Attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var parts = new List<string>();
        if (isStruct)
        {
            parts.Add("struct");
        }
        else if (parameter.Attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            parts.Add("class");
        }

        parts.AddRange(parameter.GetConstraints().Select(handle => NameOf(reader, reader.GetGenericParameterConstraint(handle).Type, context))
            .Where(static name => name != "System.ValueType"));
        if (!isStruct && parameter.Attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            parts.Add("new()");
        }

        return parts.Count == 0 ? "" : $" where {reader.GetString(parameter.Name)}: {string.Join(", ", parts)}";
    }

    private static string NameOf(MetadataReader reader, EntityHandle handle, TypeNames.GenericNames context) => handle.Kind switch
    {
        HandleKind.TypeDefinition => Names.GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
        HandleKind.TypeReference => Names.GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
        _ => Names.GetTypeFromSpecification(reader, context, (TypeSpecificationHandle)handle, 0),
    };

    private static string AttributeUsageOf(MetadataReader reader, TypeDefinition type)
    {
        foreach (var attribute in type.GetCustomAttributes().Select(reader.GetCustomAttribute))
        {
            if (attribute.Constructor.Kind == HandleKind.MemberReference
                && reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent is { Kind: HandleKind.TypeReference } parent
                && NameOf(reader, parent, new([], [])) == typeof(AttributeUsageAttribute).FullName)
            {
                var value = attribute.DecodeValue(Names);
                var named = value.NamedArguments.OrderBy(static argument => argument.Name, StringComparer.Ordinal)
                    .Select(static argument => $", {argument.Name} = {argument.Value}");
                return $"{(AttributeTargets)(int)value.FixedArguments[0].Value!}{string.Concat(named)}";
            }
        }

        return "";
    }

    private static string ConstantOf(MetadataReader reader, ConstantHandle handle)
    {
        if (handle.IsNil)
        {
            return "none";
        }

        var constant = reader.GetConstant(handle);
        var value = reader.GetBlobReader(constant.Value).ReadConstant(constant.TypeCode);
        return value is string text ? $"\"{text}\"" : Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } written ? written : "null";
    }

    private static bool IsPublic(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        return (type.Attributes & TypeAttributes.VisibilityMask) switch
        {
            TypeAttributes.Public => true,
            TypeAttributes.NestedPublic => IsPublic(reader, type.GetDeclaringType()),
            _ => false,
        };
    }

    private static bool IsVisible(MetadataReader reader, MethodDefinitionHandle handle) =>
        !handle.IsNil && IsVisible(reader.GetMethodDefinition(handle).Attributes);

    private static bool IsVisible(MethodAttributes attributes) =>
        (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

    /// <summary>What is compared of a type: where it may stand as an attribute, its members, its constants and defaults by member.</summary>
    internal sealed record TypeFacts(string AttributeUsage, HashSet<string> Members, Dictionary<string, string> Constants);
}
