using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>Prepared commands of one connection, by their text: preparing costs more than running most of them.</summary>
public sealed class Commands(SqliteConnection connection) : IDisposable
{
    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Statement> _statements = new(StringComparer.Ordinal);

    /// <summary>The command of this text. Set its parameters with <see cref="CommandParameters.Set(SqliteCommand, string, object?)"/>.</summary>
    public SqliteCommand Get(string sql)
    {
        if (_prepared.TryGetValue(sql, out var command)) return command;
        command = connection.CreateCommand();
#pragma warning disable CA2100 // Texts are constants of the code; values travel as parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        _prepared.Add(sql, command);
        return command;
    }

    /// <summary>The statement of this text, for hot paths, as before its first row.</summary>
    public Statement GetStatement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement)) _statements.Add(sql, statement = new Statement(connection, sql));
        return statement;
    }

    /// <summary>After an operation that failed: a statement that it left half-way would hold its snapshot, and fail the next that uses it.</summary>
    internal void ResetStatements()
    {
        foreach (var statement in _statements.Values) statement.Abandon();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
    }
}

/// <summary>Parameters of prepared commands.</summary>
public static class CommandParameters
{
    /// <summary>Sets a parameter, adding it at the first use; null is NULL.</summary>
    public static SqliteCommand Set(this SqliteCommand command, string name, object? value)
    {
        var index = command.Parameters.IndexOf(name);
        if (index < 0) command.Parameters.Add(new SqliteParameter(name, value ?? DBNull.Value));
        else command.Parameters[index].Value = value ?? DBNull.Value;
        return command;
    }
}
