using System.Text;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>
/// What a list of signatures cannot say: where an attribute may stand, what an omitted argument is, what a constant holds.
/// Compared with those packages of Orleans that the registry serves.
/// </summary>
public sealed class ServedPackageTests
{
    [Fact]
    public async Task Attribute_usage_defaults_and_constants_are_those_of_the_packages()
    {
        Assert.SkipWhen(LocalEngineAssemblies.All.Count == 0, LocalEngineAssemblies.NothingToCompare);
        var packages = await ServedPackages.RestoreAsync(TestContext.Current.CancellationToken);
        Assert.SkipWhen(packages.WhyNone is not null, packages.WhyNone ?? "");
        var ours = new MetadataSurface();
        foreach (var assembly in LocalEngineAssemblies.All)
        {
            ours.Add(assembly.Location);
        }

        var differences = new StringBuilder();
        foreach (var (name, facts) in ours.Types.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            if (packages.Surface.Types.TryGetValue(name, out var real))
            {
                if (facts.AttributeUsage != real.AttributeUsage)
                {
                    differences.AppendLine($"{name}: attribute usage is [{facts.AttributeUsage}], in Orleans [{real.AttributeUsage}]");
                }

                foreach (var (member, value) in facts.Constants)
                {
                    if (real.Members.Contains(member.Split(": ")[0]) && real.Constants.GetValueOrDefault(member) != value)
                    {
                        differences.AppendLine($"{name}: {member} is {value}, in Orleans {real.Constants.GetValueOrDefault(member) ?? "absent"}");
                    }
                }
            }
        }

        differences.ToString().ShouldBeEmpty();
    }
}
