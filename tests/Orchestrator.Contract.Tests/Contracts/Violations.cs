namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>Asserts rules of which every violation is a sentence, so that one run names them all.</summary>
internal static class Violations
{
    public static void None(IEnumerable<string> violations) => string.Join(Environment.NewLine, violations.Distinct(StringComparer.Ordinal)).ShouldBeEmpty();
}
