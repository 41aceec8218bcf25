namespace Orchestrator.Core.Ids;

/// <summary>What every id has: a text form that is the grain key.</summary>
public interface IId<TSelf> where TSelf : struct, IId<TSelf>
{
    static abstract char Prefix { get; }

    string Value { get; }

    static abstract TSelf Parse(string value);
}
