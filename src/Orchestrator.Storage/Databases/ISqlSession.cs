using System.Data.Common;

namespace Orchestrator.Storage;

/// <summary>
/// Statements within one transaction. The SQL is what both databases understand; parameters are named with <c>@</c> in the text and without it in the list.
/// Times travel as UTC ticks, booleans as 0 and 1. Over SQLite every call has completed when it returns.
/// </summary>
internal interface ISqlSession
{
    /// <summary>True where a read may be followed by a write of what was read without anybody else between: SQLite has one writer.</summary>
    bool IsSoleWriter { get; }

    /// <summary>Runs a statement; returns the number of rows that it changed.</summary>
    ValueTask<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters);

    /// <summary>Runs one statement for every list of parameters, in order and in one round trip; returns the number of rows that changed.</summary>
    ValueTask<int> ExecuteManyAsync(string sql, IEnumerable<(string Name, object? Value)[]> parameters);

    /// <summary>Runs a statement; returns its rows.</summary>
    ValueTask<List<T>> QueryAsync<T>(string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters);
}
