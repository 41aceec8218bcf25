using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Silo.Gateway;

/// <summary>
/// Finds what an order of a person says that nobody would read: members that its form does not have, and places of lists in which nothing is. Who misspells a member would else believe that it is set, and one
/// that is put whole would get the default in its place. What agents send is read without: they may be newer.
/// </summary>
internal static class BodyMembers
{
    /// <param name="body">JSON that could be read as that type.</param>
    /// <param name="type">Its form.</param>
    /// <exception cref="ProblemException">Something of it is not known, or missing: all of it is told.</exception>
    public static void Check(ReadOnlyMemory<byte> body, Type type)
    {
        using var document = JsonDocument.Parse(body);
        var problems = new List<InputProblem>();
        Look(document.RootElement, type, "", problems);
        if (problems.Count > 0)
        {
            throw ProblemException.Unprocessable(
                problems.Count == 1 ? $"{problems[0].Path}: {problems[0].Message}; nothing was changed." : $"{problems.Count} members are wrong; nothing was changed.", [.. problems]);
        }
    }

    private static void Look(JsonElement element, Type type, string path, List<InputProblem> problems)
    {
        var form = WireJson.Options.GetTypeInfo(type);
        switch (form.Kind, element.ValueKind)
        {
            case (JsonTypeInfoKind.Object, JsonValueKind.Object):
                foreach (var member in element.EnumerateObject())
                {
                    var place = path.Length == 0 ? member.Name : $"{path}.{member.Name}";
                    if (form.Properties.FirstOrDefault(property => string.Equals(property.Name, member.Name, StringComparison.OrdinalIgnoreCase)) is { } known)
                    {
                        LookInto(member.Value, known.PropertyType, place, problems, mayBeNull: known.IsSetNullable);
                    }
                    else if (!member.Name.StartsWith('$'))
                    {
                        problems.Add(new() { Path = place, Message = "there is no such member", Allowed = string.Join(", ", form.Properties.Where(static property => property.Set is not null).Select(static property => property.Name)) });
                    }
                }

                break;
            case (JsonTypeInfoKind.Enumerable, JsonValueKind.Array) when form.ElementType is { } each:
                var at = 0;
                foreach (var item in element.EnumerateArray())
                {
                    LookInto(item, each, FormattableString.Invariant($"{path}[{at++}]"), problems);
                }

                break;
            case (JsonTypeInfoKind.Dictionary, JsonValueKind.Object) when form.ElementType is { } each:
                foreach (var member in element.EnumerateObject())
                {
                    LookInto(member.Value, each, path.Length == 0 ? member.Name : $"{path}.{member.Name}", problems);
                }

                break;
            default:
                break;
        }
    }

    private static void LookInto(JsonElement item, Type type, string path, List<InputProblem> problems, bool mayBeNull = false)
    {
        if (item.ValueKind != JsonValueKind.Null)
        {
            Look(item, type, path, problems);
        }
        else if (!mayBeNull && Nullable.GetUnderlyingType(type) is null)
        {
            problems.Add(new() { Path = path, Message = "it is null", Allowed = "a value, or nothing in its place" });
        }
    }
}
