using System.Text.Json;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace BeschutWerk.Cli;

/// <summary>Writes what was found: the same record as a table for people or as JSON for programs.</summary>
/// <param name="output">Answers.</param>
/// <param name="error">What went wrong, and what is only said to people.</param>
/// <param name="json">Whether to write JSON.</param>
internal sealed class Output(TextWriter output, TextWriter error, bool json)
{
    // Where there is no terminal nothing is cut off or wrapped: a program reads lines.
    private const int WidthOfFiles = 10_000;

    private readonly IAnsiConsole _console = ConsoleOf(output);

    /// <summary>Whether people read it on a screen.</summary>
    private bool OnTerminal => _console.Profile.Out.IsTerminal;

    /// <summary>Writes an answer.</summary>
    /// <param name="answer">As it becomes JSON.</param>
    /// <param name="text">As people read it.</param>
    public void Show<T>(T answer, Func<T, IRenderable> text)
    {
        if (json) output.WriteLine(JsonSerializer.Serialize(answer, AnswerJson.Indented));
        else _console.Write(text(answer));
    }

    /// <summary>Writes one item of a stream, at once.</summary>
    /// <param name="item">As it becomes one line of JSON.</param>
    /// <param name="text">As people read it; null when there is nothing for them.</param>
    public void Line<T>(T item, Func<T, string?> text)
    {
        if ((json ? JsonSerializer.Serialize(item, AnswerJson.OneLine) : text(item)) is not { } line) return;
        output.WriteLine(line);
        output.Flush();
    }

    /// <summary>Says that a change was made.</summary>
    /// <param name="answer">As it becomes JSON.</param>
    /// <param name="sentence">As people read it.</param>
    public void Done<T>(T answer, string sentence) => Show(answer, _ => new Text(sentence + "\n"));

    /// <summary>A tree with a root, to be filled.</summary>
    public Tree Tree(string root) => new(new Text(root)) { Guide = OnTerminal ? TreeGuide.Line : TreeGuide.Ascii };

    /// <summary>A table of plain texts.</summary>
    public Table Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        // Without lines, which take the width that the widest of these tables needs.
        var table = new Table { Border = TableBorder.None };
        foreach (var header in headers) table.AddColumn(new TableColumn(new Text(header, new Style(decoration: Decoration.Bold))));
        foreach (var row in rows) table.AddRow(row.Select(cell => new Text(cell)));
        return table;
    }

    /// <summary>Says something to people only.</summary>
    public void Say(string sentence)
    {
        if (!json) error.WriteLine(sentence);
    }

    /// <summary>Asks; also where the answer is JSON, because nothing is done without one.</summary>
    public void Ask(string question) => error.Write(question);

    /// <summary>Says why the command did not do what it was asked.</summary>
    public void Show(Failure failure)
    {
        if (json)
        {
            error.WriteLine(JsonSerializer.Serialize(new { Error = failure.Message, failure.Reason, failure.Violations, failure.Details, failure.ExitCode }, AnswerJson.OneLine));
            return;
        }

        error.WriteLine($"bw: {failure.Message}{(failure.Reason.Length > 0 ? $" [{failure.Reason}]" : "")}");
        foreach (var violation in failure.Violations) error.WriteLine($"  {violation.Field}: {violation.Description}");
        foreach (var (name, value) in failure.Details) error.WriteLine($"  {name}: {value}");
    }

    private static IAnsiConsole ConsoleOf(TextWriter writer)
    {
        var to = new AnsiConsoleOutput(writer);
        if (to.IsTerminal) return AnsiConsole.Create(new AnsiConsoleSettings { Out = to });
        // Left to itself it writes colours into files where the environment looks like that of a CI service.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = to, Ansi = AnsiSupport.No, Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false } });
        console.Profile.Width = WidthOfFiles;
        return console;
    }
}
