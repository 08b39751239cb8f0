using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using BeschutWerk.Host.Demo.History;
using BeschutWerk.Host.Demo.Reference;
using BeschutWerk.Platform.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.Demo;

/// <summary>
/// The acceptance test: the demo as a user runs it, in a process of its own, twice on the same data.
/// </summary>
[Collection(nameof(Alone))]
public sealed class DemoTests : IDisposable
{
    // Far more than a run takes on the slowest machine: only a hang is cut off.
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private readonly string _data = Path.Combine(Path.GetTempPath(), "beschutwerk-demo-" + Guid.NewGuid().ToString("N")[..12]);

    public void Dispose()
    {
        if (Directory.Exists(_data)) Directory.Delete(_data, recursive: true);
    }

    [Fact]
    public async Task Every_figure_of_the_letter_comes_out_and_a_second_run_doubles_nothing()
    {
        var reference = ReferenceData.Load(ReferenceData.DefaultFolder);

        var first = await RunAsync();
        Assert.Equal(0, first.ExitCode);
        Assert.Equal(reference.Figures.Count, Answers(first.Output, "yes"));
        Assert.Equal(0, Answers(first.Output, "NO"));
        Assert.Contains("same events in the same order: yes", first.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', first.Output);
        var stored = Stored();
        var history = LetterHistory.Generate(reference);
        Assert.Equal(history.Count(person => person.Placement is not null), stored.Placements);

        var second = await RunAsync();
        Assert.Equal(0, second.ExitCode);
        Assert.Equal(Table(first.Output), Table(second.Output));
        Assert.Equal(stored, Stored());

        NobodyIsReadable(history.Take(20), first.Output + second.Output);
    }

    private static int Answers(string output, string answer) => output.Split('\n').Count(line => Regex.IsMatch(line, $@"[│|] {answer} +[│|]"));

    // Also: from how many events it was computed, and what Amsterdam received.
    private static string Table(string output) => output[output.IndexOf("figure ", StringComparison.Ordinal)..output.IndexOf("All of it in", StringComparison.Ordinal)];

    private async Task<(int ExitCode, string Output)> RunAsync()
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList =
            {
                Path.Combine(AppContext.BaseDirectory, "BeschutWerk.Host.dll"), "demo", "--exit", "--data", _data,
                "--grpc-port", FreePort(), "--http-port", FreePort(),
            },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        using var demo = Process.Start(start)!;
        var (output, errors) = (demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            await demo.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!demo.HasExited) demo.Kill();
        }

        var told = await output + await errors;
        TestContext.Current.TestOutputHelper?.WriteLine(told);
        return (demo.ExitCode, told);
    }

    private (long Events, long Placements, long Cases, long Requests) Stored() => (
        Sum("*", "SELECT COUNT(*) FROM events"),
        Sum("swcompanies", "SELECT COUNT(*) FROM placements"),
        Sum("municipalities", "SELECT COUNT(*) FROM cases"),
        Sum("uwv", "SELECT COUNT(*) FROM dossiers"));

    private long Sum(string service, string sql) => Directory.GetFiles(_data, "*.db", SearchOption.AllDirectories)
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

    /// <summary>No plaintext BSN or name in any file of the data folder, nor in what was printed.</summary>
    private void NobodyIsReadable(IEnumerable<PersonHistory> people, string printed)
    {
        var secrets = people.SelectMany(person => new[] { person.Bsn, person.Name }).Select(Encoding.UTF8.GetBytes).ToList();
        foreach (var file in Directory.GetFiles(_data, "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            Assert.All(secrets, secret => Assert.True(bytes.AsSpan().IndexOf(secret) < 0, $"{file} shows a person"));
        }

        Assert.All(secrets, secret => Assert.DoesNotContain(Encoding.UTF8.GetString(secret), printed, StringComparison.Ordinal));
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
    }
}
