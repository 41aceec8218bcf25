using System.Collections.Immutable;
using System.Globalization;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Workflows;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Definitions;

/// <summary>Reads <c>recovery:</c>, what is done after failures, over what is already given.</summary>
internal sealed class RecoveryReader(ProblemList problems)
{
    private const double FactorMax = 100;

    /// <param name="parent">The stage, or the defaults.</param>
    /// <param name="given">What holds for keys that are not there.</param>
    /// <param name="environment">Reads variables over given ones.</param>
    public RecoveryPolicy Read(MappingReader parent, RecoveryPolicy given, Func<MappingReader, ImmutableSortedDictionary<string, string>, ImmutableSortedDictionary<string, string>> environment)
    {
        if (parent.Value("recovery") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("recovery"), problems, CampaignKeys.Recovery);
        return given with
        {
            Rules = ReadRules(reader, given.Rules),
            MemoryFactor = ReadFactor(reader, given.MemoryFactor),
            MemoryMax = reader.Size("memory_max", given.MemoryMax),
            Environment = environment(reader, given.Environment),
            TimeLimit = reader.Duration("time_limit", given.TimeLimit),
            WaitsMax = reader.Count("waits", 0, 1000, given.WaitsMax),
        };
    }

    /// <summary>How soon after a failure: the other half of the same mapping.</summary>
    public RetryPolicy ReadWaits(MappingReader parent, RetryPolicy given)
    {
        if (parent.Value("recovery") is not YamlMappingNode node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("recovery"), problems, null);
        var first = reader.Duration("backoff", given.BackoffFirst)!.Value;
        var longest = reader.Duration("backoff_max", given.BackoffMax)!.Value;
        if (first > longest && reader.Value("backoff") is not null && reader.Value("backoff_max") is not null)
        {
            reader.Refuse("backoff_max", "it is shorter than backoff", "a duration of at least backoff");
        }

        return given with { BackoffFirst = first, BackoffMax = longest > first ? longest : first };
    }

    private ImmutableArray<RecoveryRule> ReadRules(MappingReader parent, ImmutableArray<RecoveryRule> given)
    {
        if (parent.Value("on") is not { } node)
        {
            return given;
        }

        var kinds = string.Join(", ", FailureKinds.All.Select(FailureKinds.NameOf));
        var strategies = string.Join(", ", MappingReader.Words<RecoveryStrategy>().Keys);
        var reader = new MappingReader(node, parent.PathOf("on"), problems, null);
        foreach (var key in reader.Keys)
        {
            var kind = FailureKinds.Parse(key);
            if (kind == FailureKind.Absent)
            {
                problems.Add(reader.Key(key), reader.PathOf(key), $"\"{key}\" is no kind of failure", kinds);
                continue;
            }

            var list = ImmutableArray.CreateBuilder<RecoveryStrategy>();
            foreach (var (item, path, text) in reader.Texts(key, strategies))
            {
                var strategy = FailureKinds.ParseStrategy(text);
                if (strategy == RecoveryStrategy.Absent)
                {
                    problems.Add(item, path, $"\"{text}\" is nothing that is done after a failure", strategies);
                }
                else if (list.Contains(strategy))
                {
                    problems.Add(item, path, $"\"{text}\" is there twice", "each once, in the order in which they are tried");
                }
                else
                {
                    list.Add(strategy);
                }
            }

            if (list.Count > 0)
            {
                given = given.RemoveAll(rule => rule.Kind == kind).Add(new() { Kind = kind, Strategies = list.ToImmutable() });
            }
        }

        return given;
    }

    private static double ReadFactor(MappingReader reader, double given)
    {
        const string Allowed = "a number above 1 and at most 100, such as 1.5";
        if (reader.Text("memory", Allowed) is not { } text)
        {
            return given;
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor) && factor is > 1 and <= FactorMax)
        {
            return factor;
        }

        reader.Refuse("memory", $"\"{text}\" is no such factor", Allowed);
        return given;
    }
}
