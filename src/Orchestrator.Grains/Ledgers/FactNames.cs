using System.Reflection;
using System.Text.Json.Serialization;

namespace Orchestrator.Grains.Ledgers;

/// <summary>The pinned names of the facts of one ledger, as their hierarchy declares them with <see cref="JsonDerivedTypeAttribute"/>: the kind of an entry, which tells how to read it.</summary>
internal static class FactNames<TFact>
    where TFact : class
{
    private static readonly Dictionary<Type, string> Names = typeof(TFact).GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)
        .ToDictionary(
            static derived => derived.DerivedType,
            static derived => derived.TypeDiscriminator as string
                ?? throw new InvalidOperationException($"{derived.DerivedType} has no name as a fact of {typeof(TFact)}."));

    private static readonly Dictionary<string, Type> Types = Names.ToDictionary(static pair => pair.Value, static pair => pair.Key, StringComparer.Ordinal);

    public static string Of(TFact fact) =>
        Names.GetValueOrDefault(fact.GetType()) ?? throw new InvalidOperationException($"{fact.GetType()} is not declared as a fact of {typeof(TFact)}.");

    /// <summary>Null when this release knows no fact of that name.</summary>
    public static Type? Find(string name) => Types.GetValueOrDefault(name);
}
