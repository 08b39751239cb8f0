using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using BeschutWerk.Host.Demo.History;
using BeschutWerk.Host.Demo.Reference;
using BeschutWerk.Platform.Tests.Fixtures;
using BeschutWerk.Platform.Tests.TelemetryTests;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.Demo;

/// <summary>
/// The acceptance test: the demo as a user runs it, in a process of its own, twice on the same data.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DemoTests : IDisposable
{
    // As much as an operator can have logged.
    private static readonly KeyValuePair<string, string?>[] Verbose =
        [.. new[] { "Default", "Microsoft", "Grpc", "System.Net.Http", "OpenIddict" }.Select(category => new KeyValuePair<string, string?>($"Logging__LogLevel__{category}", "Trace"))];

    private readonly string _folder = Directory.CreateTempSubdirectory("beschutwerk-demo-").FullName;

    private string Data => Path.Combine(_folder, "data");

    private string Log => Path.Combine(_folder, "log");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_figure_of_the_letter_comes_out_a_second_run_doubles_nothing_and_nobody_is_readable_anywhere()
    {
        var reference = ReferenceData.Load(ReferenceData.DefaultFolder);
        await using var collector = await OtlpReceiver.StartAsync();
        var history = LetterHistory.Generate(reference);

        string mistakes;
        await using var first = DemoProcess.Start(Data, Log, exit: false, [.. Verbose, .. collector.Settings]);
        await first.UpAsync();
        try
        {
            Assert.Equal(reference.Figures.Count, Answers(first.Output, "yes"));
            Assert.Equal(0, Answers(first.Output, "NO"));
            Assert.Contains("same events in the same order: yes", first.Output, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001b', first.Output);
            mistakes = await new Mistakes(first, Data).MakeAsync();
        }
        finally
        {
            await first.TerminateAsync();
            TestContext.Current.TestOutputHelper?.WriteLine(first.Output);
        }

        Assert.Equal(0, await first.ExitAsync());
        var stored = Stored();
        Assert.Equal(history.Count(person => person.Placement is not null), stored.Placements);
        NobodyIsReadable(history, first.Output + mistakes, collector);

        await using var second = DemoProcess.Start(Data, Path.Combine(_folder, "second"), exit: true);
        Assert.Equal(0, await second.ExitAsync());
        Assert.Equal(Table(first.Output), Table(second.Output));
        Assert.Equal(stored, Stored());

        await using var backwards = new ToldBackwards(Data);
        await backwards.InitializeAsync();
        Assert.InRange(await backwards.CasesAsync(), history.Count * 3 / 4, history.Count);
        var figures = await backwards.FiguresAsync();
        Assert.Equal(reference.Figures.Count, figures.Lines.Count);
        Assert.All(figures.Lines, line => Assert.True(line.Equal, line.Published.FigureId));
    }

    private static int Answers(string output, string answer) => output.Split('\n').Count(line => Regex.IsMatch(line, $@"[│|] {answer} +[│|]"));

    // Also: from how many events it was computed, and what Amsterdam received.
    private static string Table(string output) => output[output.IndexOf("figure ", StringComparison.Ordinal)..output.IndexOf("All of it in", StringComparison.Ordinal)];

    private (long Events, long Placements, long Cases, long Requests) Stored() => (
        Sum("*", "SELECT COUNT(*) FROM events"),
        Sum("swcompanies", "SELECT COUNT(*) FROM placements"),
        Sum("municipalities", "SELECT COUNT(*) FROM cases"),
        Sum("uwv", "SELECT COUNT(*) FROM dossiers"));

    private long Sum(string service, string sql) => Directory.GetFiles(Data, "*.db", SearchOption.AllDirectories)
        .Where(file => service == "*" || (file.Contains($"{Path.DirectorySeparatorChar}{service}{Path.DirectorySeparatorChar}", StringComparison.Ordinal) && !file.EndsWith("platform.db", StringComparison.Ordinal)))
        .Sum(file =>
        {
            using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
            connection.Open();
            using var command = connection.CreateCommand();
#pragma warning disable CA2100 // A constant of this class.
            command.CommandText = sql;
#pragma warning restore CA2100
            return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
        });

    /// <summary>No BSN or name of anybody in any file, print, log, error, event, span or metric.</summary>
    private void NobodyIsReadable(IReadOnlyCollection<PersonHistory> people, string told, OtlpReceiver collector)
    {
        var search = new PersonSearch([.. people.Select(person => (person.Bsn, person.Name)), (Mistakes.Canary.Bsn, Mistakes.Canary.Name)]);
        // The search finds who is there, and the outputs are what they are meant to be.
        Assert.NotNull(search.Find(Encoding.UTF8.GetBytes($"x{people.First().Bsn};")));
        Assert.NotNull(search.Find(Encoding.Unicode.GetBytes(people.Last().Name)));
        Assert.Contains(collector.Spans, span => span.Name == "apply placements-reported");
        Assert.Contains(collector.Points, point => point.Metric == "beschutwerk.calls.refused" && point.Tags["reason"] == "UNEXPECTED");
        Assert.True(Logged("trce: Grpc") && Logged("CaseService/OpenCase failed unexpectedly"), "Not everything was logged.");

        Assert.Null(search.Find(Encoding.UTF8.GetBytes(told)));
        Assert.All(collector.Bodies, body => Assert.Null(search.Find(body)));
        Assert.All(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories), file => Assert.Null(search.FindIn(file)));
    }

    private bool Logged(string text) => File.ReadLines(Log).Any(line => line.Contains(text, StringComparison.Ordinal));
}
