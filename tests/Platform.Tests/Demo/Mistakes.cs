using System.Text.Json;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.SwCompanies;
using BeschutWerk.Contracts.Uwv;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using AskUwv = BeschutWerk.Contracts.Uwv.RequestAdviceRequest;

namespace BeschutWerk.Platform.Tests.Demo;

/// <summary>
/// What users do wrong with a person's data in their hands, and an error of the platform's own, on the running demo: calls that
/// are refused, and change nothing. With everything that came back, for who looks for the person in it.
/// </summary>
internal sealed class Mistakes(DemoProcess demo, string data)
{
    private const string Amsterdam = "GM0363";

    /// <summary>Not one of the demo's; everything that can be wrong is wrong about her.</summary>
    public static readonly Person Canary = new() { Bsn = "111222333", Name = "Kanarie van Zanten", BirthDate = new DateOnly(1987, 11, 23).ToDate() };

    private readonly List<string> _answers = [];

    /// <summary>All errors, with their details, and the whole feed of Amsterdam.</summary>
    public async Task<string> MakeAsync()
    {
        using var channel = PlatformChannel.To(demo.GrpcAddress);
        using var http = new HttpClient();
        var clients = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(data, "identity", "demo-clients.json"))).RootElement.EnumerateArray().ToList();
        CallInvoker As(Func<JsonElement, bool> wanted)
        {
            var client = clients.First(wanted);
            return channel.As(new AccessTokens(http, demo.Authority, client.GetProperty("client_id").GetString()!, client.GetProperty("client_secret").GetString()!).GetAsync);
        }

        var amsterdam = As(client => client.GetProperty("organisation_id").GetString() == Amsterdam);
        await WrongFieldsAsync(new CaseService.CaseServiceClient(amsterdam), new AdviceService.AdviceServiceClient(As(client => KindOf(client) == "uwv")));
        await WrongPlacesAsync(amsterdam, As(client => KindOf(client) == "sw"), As(client => KindOf(client) == "cedris"));
        await ErrorOfOursAsync(new CaseService.CaseServiceClient(amsterdam));
        await ReadFeedAsync(new EventService.EventServiceClient(amsterdam));
        return string.Join('\n', _answers);
    }

    private static string? KindOf(JsonElement client) => client.GetProperty("organisation_kind").GetString();

    private static OpenCaseRequest Open() => new()
    {
        Municipality = Amsterdam, RequestId = Guid.NewGuid().ToString(), Person = Canary.Clone(), Source = CandidateSource.Bijstand,
        Benefit = Benefit.Participatiewet, OpenedOn = new DateOnly(2018, 1, 2).ToDate(),
    };

    private async Task WrongFieldsAsync(CaseService.CaseServiceClient cases, AdviceService.AdviceServiceClient uwv)
    {
        foreach (var spoil in new Action<OpenCaseRequest>[]
        {
            request => request.Benefit = 0, request => request.Person.Bsn += "4", request => request.Person.Name = string.Concat(Enumerable.Repeat(Canary.Name, 100)), request => request.OpenedOn = new DateOnly(2999, 1, 1).ToDate(),
            request => request.Municipality = Canary.Bsn, request => request.RequestId = Canary.Bsn, request => request.Municipality = "GM0344",
        })
        {
            var request = Open();
            spoil(request);
            await RefusedAsync(cases.OpenCaseAsync(request));
        }

        await RefusedAsync(uwv.RequestAdviceAsync(new AskUwv { Municipality = Amsterdam, RequestId = Canary.Bsn, Person = Canary, RequesterReference = Canary.Name }));
    }

    private async Task WrongPlacesAsync(CallInvoker amsterdam, CallInvoker company, CallInvoker cedris)
    {
        var cases = new CaseService.CaseServiceClient(amsterdam);
        await RefusedAsync(cases.GetCaseAsync(new GetCaseRequest { Municipality = Amsterdam, CaseId = Canary.Bsn }));
        await RefusedAsync(new EventService.EventServiceClient(amsterdam).ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = Canary.Bsn }));
        // Nobody but UWV and the municipality may: refused before anybody looks at the person.
        await RefusedAsync(new CaseService.CaseServiceClient(cedris).OpenCaseAsync(Open()));
        await RefusedAsync(new PlacementService.PlacementServiceClient(company).ReportPlacementAsync(new ReportPlacementRequest
        {
            Municipality = Amsterdam, RequestId = Guid.NewGuid().ToString(), Report = new PlacementReport { CaseId = Canary.Bsn, OfferId = Canary.Name, Workplace = Canary.Name, Terms = Canary.Bsn },
        }));
        // Practices name nobody.
        await RefusedAsync(new PracticeService.PracticeServiceClient(company).SubmitPracticeAsync(new SubmitPracticeRequest
        {
            RequestId = Guid.NewGuid().ToString(), Kind = PracticeKind.Practice, Theme = PracticeTheme.Finding, Title = "Zoeken", Summary = "Kort.",
            Body = $"Met {Canary.Name}, BSN {Canary.Bsn}, ging het goed.", SubmittedOn = new DateOnly(2018, 5, 1).ToDate(),
        }));
    }

    /// <summary>A table is away: nobody foresaw that.</summary>
    private async Task ErrorOfOursAsync(CaseService.CaseServiceClient cases)
    {
        var store = Path.Combine(data, "municipalities", Amsterdam + ".db");
        await RenameAsync(store, "persons", "persons_away");
        try
        {
            var failed = await RefusedAsync(cases.OpenCaseAsync(Open()));
            Assert.Equal(StatusCode.Internal, failed.StatusCode);
        }
        finally
        {
            await RenameAsync(store, "persons_away", "persons");
        }
    }

    private static async Task RenameAsync(string store, string from, string to)
    {
        await using var connection = new SqliteConnection($"Data Source={store};Mode=ReadWrite;Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Two constants.
        command.CommandText = $"PRAGMA busy_timeout = 5000; ALTER TABLE {from} RENAME TO {to}";
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private async Task ReadFeedAsync(EventService.EventServiceClient feed)
    {
        var after = "";
        ReadEventsResponse page;
        do
        {
            page = await feed.ReadEventsAsync(new ReadEventsRequest { Municipality = Amsterdam, After = after, PageSize = 1000 });
            _answers.AddRange(page.Events.Select(found => $"{found} {found.Data.Value.ToStringUtf8()}"));
            after = page.ResumeToken;
        }
        while (!page.EndReached);
    }

    private async Task<RpcException> RefusedAsync<T>(AsyncUnaryCall<T> call) where T : IMessage
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        _answers.Add($"{error} {error.GetRpcStatus()} {string.Join(' ', error.Trailers.Select(trailer => trailer.IsBinary ? Convert.ToBase64String(trailer.ValueBytes) : trailer.Value))}");
        return error;
    }
}
