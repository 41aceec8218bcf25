using System.Globalization;
using System.Reflection;
using System.Text;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>
/// What other releases rely on, as text: names, ids and types of everything that is sent or stored. Members are added; they
/// are never renumbered, retyped or removed.
/// </summary>
/// <remarks>The text is checked in as <c>Data/contracts.txt</c>. Set <c>UPDATE_CONTRACTS=1</c> and run this class to rewrite it.</remarks>
public sealed class ContractSnapshotTests
{
    private const string UpdateVariable = "UPDATE_CONTRACTS";

    [Fact]
    public void Names_ids_and_types_are_those_that_were_agreed()
    {
        var path = RepositoryFiles.PathOf("tests", "Orchestrator.Contract.Tests", "Data", "contracts.txt");
        var actual = Describe();
        if (Environment.GetEnvironmentVariable(UpdateVariable) == "1")
        {
            File.WriteAllText(path, actual);
        }

        var agreed = File.Exists(path) ? File.ReadAllText(path).ReplaceLineEndings("\n") : "";

        Difference(agreed.Split('\n'), actual.Split('\n')).ShouldBeEmpty($"Lines with - are agreed and gone, with + are new. If that is meant: {UpdateVariable}=1.");
    }

    private static string Describe()
    {
        var text = new StringBuilder();
        foreach (var type in OurAssemblies.SerializableTypes.OrderBy(static type => AliasOf(type), StringComparer.Ordinal).ThenBy(static type => type.FullName, StringComparer.Ordinal))
        {
            Line(text, $"{(type.IsEnum ? "enum" : "type")} {AliasOf(type)} = {NameOf(type)}{(type.BaseType is { } parent && OurAssemblies.SerializableTypes.Contains(parent) ? $" : {NameOf(parent)}" : "")}");
            if (type.IsEnum)
            {
                DescribeValues(text, type);
            }
            else
            {
                foreach (var member in SerializedTypes.MembersOf(type).Where(static member => member.Id is not null).OrderBy(static member => member.Id))
                {
                    Line(text, $"  {member.Id} {member.Name}: {NameOf(member.Type)}");
                }
            }
        }

        foreach (var type in EnumsThatAreSent())
        {
            Line(text, $"enum {NameOf(type)}");
            DescribeValues(text, type);
        }

        foreach (var type in OurAssemblies.GrainInterfaces.OrderBy(static type => AliasOf(type), StringComparer.Ordinal))
        {
            Line(text, $"interface {AliasOf(type)} = {NameOf(type)}{(GrainTypes.InterfaceNameOf(type) is { } name ? $" ({name})" : "")}");
            foreach (var method in type.GetMethods().Where(method => method.DeclaringType == type).OrderBy(static method => AliasOf(method), StringComparer.Ordinal))
            {
                var parameters = string.Join(", ", method.GetParameters().Select(static parameter => NameOf(parameter.ParameterType)));
                Line(text, $"  {AliasOf(method)} = {method.Name}({parameters}): {NameOf(method.ReturnType)}{(method.IsDefined(typeof(Orleans.Concurrency.OneWayAttribute)) ? ", one way" : "")}");
            }
        }

        foreach (var type in OurAssemblies.GrainClasses.OrderBy(GrainTypes.NameOf, StringComparer.Ordinal))
        {
            Line(text, $"grain {GrainTypes.NameOf(type)} = {NameOf(type)}");
        }

        return text.ToString();
    }

    private static IEnumerable<Type> EnumsThatAreSent() =>
        from type in OurAssemblies.SerializableTypes
        from member in SerializedTypes.MembersOf(type)
        from held in Flatten(member.Type)
        where held.IsEnum && !held.IsDefined(typeof(GenerateSerializerAttribute), false) && OurAssemblies.All.Contains(held.Assembly)
        group held by held into enums
        orderby enums.Key.FullName
        select enums.Key;

    private static IEnumerable<Type> Flatten(Type type) =>
        type.IsArray ? Flatten(type.GetElementType()!)
        : type.IsConstructedGenericType ? type.GetGenericArguments().SelectMany(Flatten)
        : [type];

    private static void DescribeValues(StringBuilder text, Type type)
    {
        foreach (var value in type.GetFields(BindingFlags.Public | BindingFlags.Static).OrderBy(static field => Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)))
        {
            Line(text, $"  {value.GetRawConstantValue()} {value.Name}");
        }
    }

    // The text is the same on every system.
    private static void Line(StringBuilder text, string line) => text.Append(line).Append('\n');

    private static string AliasOf(MemberInfo member) => member.GetCustomAttributes<AliasAttribute>(false).FirstOrDefault()?.Alias ?? "(no alias)";

    private static string NameOf(Type type)
    {
        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        if (type.IsConstructedGenericType)
        {
            var name = type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];
            return $"{name}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
        }

        return type.Namespace?.StartsWith("Orchestrator.", StringComparison.Ordinal) == true ? type.FullName!["Orchestrator.".Length..] : type.Name;
    }

    private static string Difference(string[] agreed, string[] actual)
    {
        // Members are compared under the type that they belong to.
        var before = WithHeadings(agreed);
        var after = WithHeadings(actual);
        var gone = before.Except(after).Select(static line => $"- {line}");
        var added = after.Except(before).Select(static line => $"+ {line}");
        return string.Join(Environment.NewLine, gone.Concat(added).OrderBy(static line => line[2..], StringComparer.Ordinal));
    }

    private static List<string> WithHeadings(string[] lines)
    {
        var heading = "";
        var result = new List<string>();
        foreach (var line in lines.Where(static line => line.Length > 0))
        {
            heading = line.StartsWith("  ", StringComparison.Ordinal) ? heading : line;
            result.Add(ReferenceEquals(heading, line) ? line : $"{heading} |{line}");
        }

        return result;
    }
}
