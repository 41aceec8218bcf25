using System.Reflection;
using System.Runtime.Serialization;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>
/// Writes a type and its visible members as lines in the form of <c>Data/orleans-api.txt</c>:
/// <c>sealed class Name : Base, Interfaces</c>, then a line per member with full type names, <c>?</c> after optional parameters.
/// </summary>
internal static class ApiSurface
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The line that introduces a type: kind, name, base, interfaces (those inherited too).</summary>
    public static string HeaderOf(Type type)
    {
        var bases = new List<string>();
        if (type.BaseType is { } parent && !type.IsEnum && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(MulticastDelegate))
        {
            bases.Add(NameOf(parent));
        }

        // Neither ISerializable, which is obsolete, nor interfaces of Microsoft.Extensions are part of the list.
        bases.AddRange(type.GetInterfaces()
            .Where(static contract => contract != typeof(ISerializable) && contract.IsVisible && contract.Namespace?.StartsWith("Microsoft.", StringComparison.Ordinal) != true)
            .Select(NameOf)
            .Order(StringComparer.Ordinal));
        var header = $"{KindOf(type)} {NameOf(type)}";
        return bases.Count == 0 ? header : $"{header} : {string.Join(", ", bases)}";
    }

    /// <summary>The lines of the members that a caller or a derived class sees, in ordinal order.</summary>
    public static IReadOnlyList<string> MembersOf(Type type)
    {
        var lines = new List<string>();
        if (type.IsEnum)
        {
            lines.AddRange(type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(static field => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}"));
        }
        else
        {
            lines.AddRange(type.GetConstructors(Declared).Where(static constructor => !constructor.IsStatic && IsVisible(constructor))
                .Select(static constructor => $".ctor({ParametersOf(constructor)})"));
            lines.AddRange(type.GetFields(Declared).Where(IsVisible).Select(LineOf));
            lines.AddRange(type.GetProperties(Declared).Select(LineOf).OfType<string>());
            lines.AddRange(type.GetEvents(Declared).Where(static item => IsVisible(item.AddMethod)).Select(static item => $"event {NameOf(item.EventHandlerType!)} {item.Name}"));
            lines.AddRange(type.GetMethods(Declared).Where(static method => IsVisible(method) && !IsAccessor(method)).Select(LineOf));
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    /// <summary>A type's full name, generic arguments in angle brackets, nested types after a dot, references with <c>&amp;</c>.</summary>
    public static string NameOf(Type type)
    {
        if (type.IsByRef)
        {
            return NameOf(type.GetElementType()!) + "&";
        }

        if (type.IsArray)
        {
            return $"{NameOf(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        }

        if (type.IsPointer)
        {
            return NameOf(type.GetElementType()!) + "*";
        }

        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : type;
        var name = string.Join('.', definition.FullName!.Split('+').Select(static part => part.Split('`')[0]));
        return type.IsGenericType ? $"{name}<{string.Join(',', type.GetGenericArguments().Select(NameOf))}>" : name;
    }

    private static string KindOf(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsInterface: true } => "interface",
        { IsValueType: true } => "struct",
        _ when type.BaseType == typeof(MulticastDelegate) => "delegate",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string LineOf(FieldInfo field) =>
        $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{NameOf(field.FieldType)} {field.Name}";

    private static string? LineOf(PropertyInfo property)
    {
        var get = IsVisible(property.GetMethod);
        var set = IsVisible(property.SetMethod);
        if (!get && !set)
        {
            return null;
        }

        var isStatic = (property.GetMethod ?? property.SetMethod)!.IsStatic;
        return $"{(isStatic ? "static " : "")}{NameOf(property.PropertyType)} {property.Name} {{ {(get ? "get; " : "")}{(set ? "set; " : "")}}}";
    }

    private static string LineOf(MethodInfo method)
    {
        var declaring = method.DeclaringType!;
        var overridable = method.IsVirtual && !method.IsFinal && !declaring.IsSealed && !declaring.IsInterface && declaring.BaseType != typeof(MulticastDelegate);
        var modifiers = $"{(method.IsPublic ? "" : "protected ")}{(method.IsStatic ? "static " : overridable ? "virtual " : "")}";
        var generics = method.IsGenericMethod ? $"<{string.Join(',', method.GetGenericArguments().Select(NameOf))}>" : "";
        var constraints = method.IsGenericMethod ? string.Concat(method.GetGenericArguments().Select(ConstraintsOf)) : "";
        return $"{modifiers}{NameOf(method.ReturnType)} {method.Name}{generics}({ParametersOf(method)}){constraints}";
    }

    private static string ParametersOf(MethodBase method) => string.Join(", ", method.GetParameters()
        .Select(static parameter => $"{NameOf(parameter.ParameterType)} {parameter.Name}{(parameter.IsOptional ? "?" : "")}"));

    private static string ConstraintsOf(Type parameter)
    {
        var attributes = parameter.GenericParameterAttributes;
        var isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        var parts = new List<string>();
        if (isStruct)
        {
            parts.Add("struct");
        }
        else if (attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            parts.Add("class");
        }

        parts.AddRange(parameter.GetGenericParameterConstraints().Where(static constraint => constraint != typeof(ValueType)).Select(NameOf));
        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            parts.Add("new()");
        }

        return parts.Count == 0 ? "" : $" where {parameter.Name}: {string.Join(", ", parts)}";
    }

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    // Names with angle brackets are the compiler's own (the clone method of records).
    private static bool IsVisible(MethodBase? method) =>
        method is not null && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly) && !method.Name.Contains('<', StringComparison.Ordinal);

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);
}
