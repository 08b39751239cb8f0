using System.Security.Cryptography;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Municipalities.Reference;
using BeschutWerk.TestProcesses;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Serving = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace BeschutWerk.Faults;

/// <summary>What came of asking a store for all that it holds.</summary>
/// <param name="Digest">Of all answers; null when one was refused.</param>
/// <param name="Refusal">Why it was refused.</param>
/// <param name="Took">Until the last answer or the refusal.</param>
internal sealed record Answered(string? Digest, RpcException? Refusal, TimeSpan Took)
{
    /// <summary>The reason of the refusal.</summary>
    public ErrorReason Reason => Refusal is null ? ErrorReason.Unspecified : RefusalStatus.ReasonOf(Refusal);
}

/// <summary>
/// Municipalities alone, in a process and a folder of its own, with many municipalities that each hold some cases: what is done to
/// their files harms nothing of the platform at work. Nobody else runs, which it must survive too.
/// </summary>
internal sealed class Country : IAsyncDisposable
{
    public const string Service = "municipalities";

    /// <summary>As many as there are municipalities at the most.</summary>
    public const int Most = 342;

    private const int SideBySide = 8;

    private readonly Platform _platform;
    private readonly SplitServices _services;
    private readonly CancellationTokenSource _over = new();
    private GrpcChannel? _channel;
    private CallInvoker? _calls;

    private Country(Platform platform, int municipalities, string? folder)
    {
        (_platform, Municipalities) = (platform, [.. Codes.Take(municipalities)]);
        Folder = folder ?? Directory.CreateTempSubdirectory("beschutwerk-country-").FullName;
        _services = new SplitServices(Folder, platform.Authority, new Dictionary<string, string?> { ["Messaging:RabbitMq"] = "amqp://nobody:nothing@localhost:1/", ["Logging:LogLevel:Default"] = "Warning" });
    }

    /// <summary>The codes that it may have: of municipalities that existed all the while. Its party has a token for all.</summary>
    public static readonly IReadOnlyList<string> Codes = CodesOf(ReferenceFiles.Division(new ConfigurationBuilder().Build()));

    public string Folder { get; }

    public IReadOnlyList<string> Municipalities { get; }

    /// <summary>Where the stores lie.</summary>
    public string Stores => Path.Combine(Folder, Service);

    public ServiceUnderTest Process => _services[Service];

    public string FileOf(string municipality) => Path.Combine(Stores, municipality + ".db");

    /// <summary>Starts it, registers the municipalities, and opens so many cases in each.</summary>
    public static async Task<Country> FoundAsync(Platform platform, int municipalities, int cases, string? folder = null)
    {
        var country = new Country(platform, municipalities, folder);
        try
        {
            await country.StartAsync();
            await country.EachAsync(country.Municipalities, async code =>
            {
                await country.RegisterAsync(code);
                for (var i = 0; i < cases; i++) await country.OpenCaseAsync(code, i);
            });
            return country;
        }
        catch
        {
            await country.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the process and waits until it takes calls.</summary>
    public async Task StartAsync()
    {
        Begin();
        await Platform.Until(
            async () => await _services.HealthAsync(Service) == Serving.Serving, TimeSpan.FromSeconds(60), () => $"the country serves; it wrote {Process.Output}");
    }

    /// <summary>Starts the process, and waits for nothing.</summary>
    public void Begin(string? failPoint = null)
    {
        // A connection of its own for each process: one that waits before it tries again would measure its waiting.
        _channel?.Dispose();
        _services.Start(Service, failPoint);
        (_channel, _calls) = _platform.ConnectTo(Process.Address, "country");
    }

    /// <summary>Asks all municipalities as soon as it answers, unless it ends before.</summary>
    public async Task AskUntilAsync(Task end)
    {
        var connecting = _channel!.ConnectAsync(_over.Token);
        if (await Task.WhenAny(connecting, end) == connecting) await AskAllAsync();
    }

    /// <summary>Stops it as an operator does: everything lies in its files.</summary>
    public async Task StopAsync()
    {
        var code = await Process.StopAsync(TimeSpan.FromSeconds(60));
        if (code != 0) throw new InvalidOperationException($"Municipalities ended with {code} when it was told to stop: {Process.Output}");
    }

    /// <summary>Puts files of before in their places, with nothing beside them.</summary>
    public void PutBack(Dictionary<string, byte[]> files)
    {
        foreach (var (code, bytes) in files)
        {
            foreach (var part in Directory.GetFiles(Stores, code + ".db*")) File.Delete(part);
            File.WriteAllBytes(FileOf(code), bytes);
        }
    }

    public Task KillAsync() => Process.KillAsync();

    public Task EachAsync<T>(IEnumerable<T> municipalities, Func<T, Task> act) => Parallel.ForEachAsync(
        municipalities, new ParallelOptions { MaxDegreeOfParallelism = SideBySide, CancellationToken = _over.Token }, async (code, _) => await act(code));

    /// <summary>Opens a case of a made-up person, whose number tells which.</summary>
    public async Task<string> OpenCaseAsync(string municipality, int number) => (await new CaseService.CaseServiceClient(_calls!).OpenCaseAsync(
        new OpenCaseRequest
        {
            Municipality = municipality, RequestId = NewId(), Source = CandidateSource.Bijstand, Benefit = Benefit.Participatiewet, OpenedOn = new DateOnly(2017, 1, 4).ToDate(),
            Person = new Person { Bsn = Bsn(number), Name = $"Candidate {number} of {municipality}", BirthDate = new DateOnly(1990, 5, 17).ToDate() },
        },
        deadline: Deadline())).CaseId;

    /// <summary>The cases of a municipality, as it lists them.</summary>
    public async Task<List<string>> CasesAsync(string municipality)
    {
        var (cases, token) = (new List<string>(), "");
        do
        {
            var page = await new CaseService.CaseServiceClient(_calls!).ListCasesAsync(new ListCasesRequest { Municipality = municipality, PageToken = token }, deadline: Deadline());
            cases.AddRange(page.Cases.Select(found => found.CaseId));
            token = page.NextPageToken;
        }
        while (token.Length > 0);
        return cases;
    }

    /// <summary>Asks a municipality for all that it holds: its log, its cases, and of each its person, its timeline and its state.</summary>
    public async Task<Answered> AskAsync(string municipality)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            var (cases, events) = (new CaseService.CaseServiceClient(_calls!), new EventService.EventServiceClient(_calls!));
            digest.AppendData((await events.ReadEventsAsync(new ReadEventsRequest { Municipality = municipality, PageSize = 1000 }, deadline: Deadline())).ToByteArray());
            foreach (var id in await CasesAsync(municipality))
            {
                digest.AppendData((await cases.GetCaseAsync(new GetCaseRequest { Municipality = municipality, CaseId = id }, deadline: Deadline())).ToByteArray());
                digest.AppendData((await cases.GetCaseTimelineAsync(new GetCaseTimelineRequest { Municipality = municipality, CaseId = id }, deadline: Deadline())).ToByteArray());
            }

            return new Answered(Convert.ToHexString(digest.GetHashAndReset()), null, watch.Elapsed);
        }
        catch (RpcException refused)
        {
            return new Answered(null, refused, watch.Elapsed);
        }
    }

    /// <summary>The same of all of them.</summary>
    public async Task<Dictionary<string, Answered>> AskAllAsync()
    {
        var answers = new System.Collections.Concurrent.ConcurrentDictionary<string, Answered>();
        await EachAsync(Municipalities, async code => answers[code] = await AskAsync(code));
        return answers.ToDictionary();
    }

    public async Task<GetStatusResponse> StatusAsync()
    {
        var (channel, calls) = _platform.ConnectTo(Process.Address, "operator");
        using var _ = channel;
        return await new OperationsService.OperationsServiceClient(calls).GetStatusAsync(new GetStatusRequest { Service = Service }, deadline: Deadline());
    }

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _services.DisposeAsync();
        _channel?.Dispose();
        _over.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static List<string> CodesOf(Division division) =>
        [.. division.On(new DateOnly(2015, 1, 1)).Intersect(division.On(new DateOnly(2018, 1, 1))).Order(StringComparer.Ordinal).Take(Most)];

    private async Task RegisterAsync(string code)
    {
        var (channel, calls) = _platform.ConnectTo(Process.Address, "operator");
        using var _ = channel;
        await new TenantService.TenantServiceClient(calls).RegisterTenantAsync(
            new RegisterTenantRequest
            {
                Municipality = code, RequestId = NewId(), Name = code, Province = "Noord-Holland",
                LabourMarketRegion = 10, LabourMarketRegionName = "Groot Amsterdam", RegisteredOn = new DateOnly(2015, 1, 1).ToDate(),
            },
            deadline: Deadline());
    }

    private static DateTime Deadline() => DateTime.UtcNow.AddSeconds(60);

    private static string NewId() => Guid.CreateVersion7().ToString("D");

    /// <summary>A number that passes the eleven-test: weights 9 to 2, and -1 for the last digit.</summary>
    private static string Bsn(int index)
    {
        for (var number = 30_000_000 + (2 * index); ; number++)
        {
            var check = $"{number}".Select((digit, i) => (digit - '0') * (9 - i)).Sum() % 11;
            if (check < 10) return $"{number}{check}";
        }
    }
}
