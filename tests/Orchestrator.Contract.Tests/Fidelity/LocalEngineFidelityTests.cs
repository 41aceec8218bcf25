using System.Text;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>
/// Whatever compiles against the local engine must compile against Orleans. Every public type and member of the local engine
/// must be a line of the list of Orleans' API.
/// </summary>
/// <remarks>
/// The list that is checked in holds the types that the local engine declares. After a type was added to the engine it is
/// rewritten from the full list: set <c>ORLEANS_API_LIST</c> to the path of that file and run this class once.
/// </remarks>
public sealed class LocalEngineFidelityTests
{
    private const string FullListVariable = "ORLEANS_API_LIST";

    // The list was made without the package that declares this type, and leaves out what mentions it.
    private const string NotListed = "System.BinaryData";

    [Fact]
    public async Task Every_public_member_of_the_local_engine_is_a_member_of_Orleans()
    {
        Assert.SkipWhen(LocalEngineAssemblies.PublicTypes.Count == 0, LocalEngineAssemblies.NothingToCompare);
        var path = RepositoryFiles.PathOf("tests", "Orchestrator.Contract.Tests", "Data", "orleans-api.txt");
        if (Environment.GetEnvironmentVariable(FullListVariable) is { Length: > 0 } fullList)
        {
            ApiList.Read(fullList).WritePart(path, LocalEngineAssemblies.PublicTypes.Select(ApiSurface.NameOf));
        }

        var list = ApiList.Read(path);
        var differences = new StringBuilder();
        ServedPackages? packages = null;
        foreach (var type in LocalEngineAssemblies.PublicTypes)
        {
            var name = ApiSurface.NameOf(type);
            if (list.Find(name) is not { } entry)
            {
                differences.AppendLine($"{name}: no such public type in the list of Orleans' API");
                continue;
            }

            var header = ApiSurface.HeaderOf(type);
            if (header != entry.Header)
            {
                differences.AppendLine($"{name}: declared as{Environment.NewLine}    ours    {header}{Environment.NewLine}    Orleans {entry.Header}");
            }

            foreach (var member in ApiSurface.MembersOf(type).Where(line => !entry.Members.Contains(line) && !line.Contains(NotListed, StringComparison.Ordinal)))
            {
                // The list was built from source; the packages of the release have some overloads more.
                packages ??= await ServedPackages.RestoreAsync(TestContext.Current.CancellationToken);
                if (!packages.Declares(name, member))
                {
                    differences.AppendLine($"{name}: not a member of Orleans' type{Environment.NewLine}    ours    {member}");
                    var sameName = entry.Members.Where(line => MemberName(line) == MemberName(member)).ToList();
                    sameName.ForEach(line => differences.AppendLine($"    Orleans {line}"));
                }
            }
        }

        differences.ToString().ShouldBeEmpty($"Set {FullListVariable} to the full list and run again if a type was added to the local engine.");
    }

    private static string MemberName(string line)
    {
        var end = line.AsSpan().IndexOfAny('(', '{');
        var before = (end < 0 ? line : line[..end]).TrimEnd();
        var name = before[(before.LastIndexOf(' ') + 1)..];
        var generic = name.IndexOf('<', StringComparison.Ordinal);
        return generic < 0 ? name : name[..generic];
    }
}
