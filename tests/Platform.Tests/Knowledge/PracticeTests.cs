using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Knowledge;
using BeschutWerk.Platform.Tests.Fixtures;
using Google.Rpc;
using Grpc.Core;
using Date = Google.Type.Date;

namespace BeschutWerk.Platform.Tests.Knowledge;

public sealed class PracticeTests(PlatformFixture platform) : IClassFixture<PlatformFixture>
{
    private const string Author = "GM0363";

    private PracticeService.PracticeServiceClient AsAuthor => new(platform.Municipality(Author));

    private PracticeService.PracticeServiceClient AsCedris => new(platform.Cedris());

    private PracticeService.PracticeServiceClient AsCompany => new(platform.SwCompany("wedeka"));

    private static Date On(int month, int day) => new() { Year = 2018, Month = month, Day = day };

    private static string NewId() => Guid.NewGuid().ToString("D");

    private static SubmitPracticeRequest Practice(string title, string body = "Hoe wij het doen.", PracticeTheme theme = PracticeTheme.Finding) => new()
    {
        RequestId = NewId(), Kind = PracticeKind.Practice, Theme = theme, Title = title, Summary = "Kort.", Body = body, SubmittedOn = On(5, 1),
    };

    private static ReviewPracticeRequest Review(string id, ReviewOutcome outcome = ReviewOutcome.Approved, string remarks = "") =>
        new() { RequestId = NewId(), PracticeId = id, Outcome = outcome, Remarks = remarks, ReviewedOn = On(5, 8) };

    private static PublishPracticeRequest Publish(string id) => new() { RequestId = NewId(), PracticeId = id, PublishedOn = On(5, 15) };

    private static async Task<(ErrorReason Reason, string Fields)> RefusedAsync<T>(AsyncUnaryCall<T> call)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        var fields = error.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations.Select(violation => violation.Field) ?? [];
        return (RefusalStatus.ReasonOf(error), string.Join(' ', fields));
    }

    private async Task<string> PublishedAsync(SubmitPracticeRequest request)
    {
        var submitted = await AsAuthor.SubmitPracticeAsync(request);
        await AsCedris.ReviewPracticeAsync(Review(submitted.PracticeId));
        await AsCedris.PublishPracticeAsync(Publish(submitted.PracticeId));
        return submitted.PracticeId;
    }

    private async Task<List<string>> FoundAsync(string query, PracticeTheme theme = PracticeTheme.Unspecified) =>
        [.. (await AsCompany.SearchPracticesAsync(new SearchPracticesRequest { Query = query, Theme = theme })).Practices.Select(practice => practice.Title)];

    [Fact]
    public async Task A_practice_goes_from_submission_over_remarks_to_publication()
    {
        var request = Practice("Zoeken in de dagbesteding: xylofoon");
        var submitted = await AsAuthor.SubmitPracticeAsync(request);
        Assert.Equal((PracticeState.Submitted, 1L), (submitted.State, submitted.Version));
        Assert.Equal(submitted, await AsAuthor.SubmitPracticeAsync(request));

        var get = new GetPracticeRequest { PracticeId = submitted.PracticeId };
        Assert.Equal(PracticeState.Submitted, (await AsAuthor.GetPracticeAsync(get)).Practice.State);
        Assert.Equal(Author, (await AsCedris.GetPracticeAsync(get)).Practice.OrganisationId);
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(AsCompany.GetPracticeAsync(get))).Reason);
        Assert.Empty(await FoundAsync("xylofoon"));

        await AsCedris.ReviewPracticeAsync(Review(submitted.PracticeId, ReviewOutcome.ChangesNeeded, "Noem ook de kosten."));
        Assert.Equal("Noem ook de kosten.", (await AsAuthor.GetPracticeAsync(get)).Practice.Remarks);
        var again = Practice(request.Title, "Hoe wij het doen, met kosten.");
        (again.PracticeId, again.SubmittedOn) = (submitted.PracticeId, On(5, 8));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(AsCompany.SubmitPracticeAsync(again))).Reason);
        Assert.Equal((PracticeState.Submitted, 3L), await AsAuthor.SubmitPracticeAsync(again) is var second ? (second.State, second.Version) : default);

        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(AsCedris.PublishPracticeAsync(Publish(submitted.PracticeId)))).Reason);
        await AsCedris.ReviewPracticeAsync(Review(submitted.PracticeId));
        Assert.Equal(PracticeState.Published, (await AsCedris.PublishPracticeAsync(Publish(submitted.PracticeId))).State);
        Assert.Equal(ErrorReason.StateForbids, (await RefusedAsync(AsCedris.PublishPracticeAsync(Publish(submitted.PracticeId)))).Reason);

        Assert.Equal([request.Title], await FoundAsync("xylofoon"));
        var published = (await AsCompany.GetPracticeAsync(get)).Practice;
        Assert.Equal(("Hoe wij het doen, met kosten.", "", On(5, 15)), (published.Body, published.Remarks, published.PublishedOn));
    }

    [Fact]
    public async Task Publication_is_a_fact_of_the_platform()
    {
        var id = await PublishedAsync(Practice("Feit voor iedereen"));

        var events = new EventService.EventServiceClient(platform.Service());
        var page = await events.ReadEventsAsync(new ReadEventsRequest { Service = "knowledge", OwnOnly = true });
        var raised = Assert.Single(page.Events, e => e.Subject == id);
        Assert.Equal("nl.participatiewet.beschut-werk.practice-published.v1", raised.Type);
        var fact = raised.Data.Unpack<PracticePublished>();
        Assert.Equal((id, "Feit voor iedereen", Author, On(5, 15)), (fact.PracticeId, fact.Title, fact.OrganisationId, fact.PublishedOn));
    }

    [Fact]
    public async Task Search_finds_beginnings_of_words_without_accents_and_case()
    {
        await PublishedAsync(Practice("Café Zébra biedt werkplekken"));

        Assert.Single(await FoundAsync("cafe"));
        Assert.Single(await FoundAsync("ZEBRA werkpl"));
        Assert.Single(await FoundAsync("zebrá, café!"));
        Assert.Empty(await FoundAsync("zebra kantoor"));
    }

    [Theory]
    [InlineData(" ")]
    [InlineData("\t \u00A0\n")]
    [InlineData("\u200B")]
    public async Task A_blank_search_is_none(string blank)
    {
        await PublishedAsync(Practice("Voor wie niets zoekt"));

        Assert.Equal(await FoundAsync(""), await FoundAsync(blank));
        Assert.Contains("Voor wie niets zoekt", await FoundAsync(blank));
    }

    [Theory]
    [InlineData("***")]
    [InlineData("\"")]
    [InlineData(" - ")]
    [InlineData("\u0301")]
    public async Task A_search_without_a_letter_or_digit_could_find_nothing_and_is_refused(string query) =>
        Assert.Equal(
            (ErrorReason.InvalidFields, "query"),
            await RefusedAsync(AsCompany.SearchPracticesAsync(new SearchPracticesRequest { Query = query })));

    [Theory]
    [InlineData("kwartel\" OR \"a")]
    [InlineData("title : kwartel")]
    [InlineData("NEAR(kwartel, 2)")]
    [InlineData("kwartel NOT")]
    [InlineData("^kwartel + ")]
    [InlineData("'; DROP TABLE practices; --")]
    public async Task Nothing_that_is_typed_is_an_operator(string query) => Assert.Empty(await FoundAsync(query));

    [Fact]
    public async Task A_word_in_the_title_ranks_above_one_in_the_text_and_the_theme_filters()
    {
        await PublishedAsync(Practice("Over begeleiden", "Met een kwikstaart op de werkvloer, en nog veel meer woorden.", PracticeTheme.Guiding));
        await PublishedAsync(Practice("De kwikstaart", theme: PracticeTheme.Matching));

        Assert.Equal(["De kwikstaart", "Over begeleiden"], await FoundAsync("kwikstaart"));
        Assert.Equal(["Over begeleiden"], await FoundAsync("kwikstaart", PracticeTheme.Guiding));
        Assert.Empty(await FoundAsync("kwikstaart", PracticeTheme.Finding));
    }

    [Fact]
    public async Task Results_come_page_by_page()
    {
        for (var i = 0; i < 5; i++) await PublishedAsync(Practice($"Bladeren {i}"));
        var titles = new List<string>();
        var token = "";
        do
        {
            var page = await AsCompany.SearchPracticesAsync(new SearchPracticesRequest { Query = "bladeren", PageSize = 2, PageToken = token });
            Assert.InRange(page.Practices.Count, 1, 2);
            titles.AddRange(page.Practices.Select(practice => practice.Title));
            token = page.NextPageToken;
        }
        while (token.Length > 0);

        Assert.Equal((5, 5), (titles.Count, titles.Distinct().Count()));
        Assert.Equal((ErrorReason.InvalidFields, "page_token"), await RefusedAsync(AsCompany.SearchPracticesAsync(new SearchPracticesRequest { PageToken = "-1" })));
        Assert.NotEmpty(await FoundAsync(""));
    }

    [Fact]
    public async Task A_citizen_service_number_is_refused_by_field_and_kept_nowhere()
    {
        const string bsn = "123456782";
        var request = Practice($"Jan {bsn}", "Zie ook 1234 56 782.");

        var error = await Assert.ThrowsAsync<RpcException>(() => AsAuthor.SubmitPracticeAsync(request).ResponseAsync);

        Assert.Equal((ErrorReason.PersonalData, StatusCode.FailedPrecondition), (RefusalStatus.ReasonOf(error), error.StatusCode));
        Assert.Equal(["title", "body"], error.GetRpcStatus()!.GetDetail<BadRequest>().FieldViolations.Select(violation => violation.Field));
        Assert.DoesNotContain(bsn, error.ToString() + error.Trailers, StringComparison.Ordinal);
        Assert.DoesNotContain(platform.Logged, line => line.Contains(bsn, StringComparison.Ordinal));

        var submitted = await AsAuthor.SubmitPracticeAsync(Practice("Zonder nummer"));
        Assert.Equal((ErrorReason.PersonalData, "remarks"), await RefusedAsync(AsCedris.ReviewPracticeAsync(Review(submitted.PracticeId, ReviewOutcome.ChangesNeeded, $"Wie is {bsn}?"))));
        foreach (var file in Directory.GetFiles(Path.Combine(platform.Options.DataFolder, "knowledge"), "platform.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(bsn, await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Bad_input_and_the_wrong_kind_of_organisation_are_refused()
    {
        Assert.Equal(
            (ErrorReason.InvalidFields, "kind theme title summary body submitted_on"),
            await RefusedAsync(AsAuthor.SubmitPracticeAsync(new SubmitPracticeRequest { RequestId = NewId() })));
        var submitted = await AsAuthor.SubmitPracticeAsync(Practice("Slechte invoer"));
        Assert.Equal((ErrorReason.InvalidFields, "remarks"), await RefusedAsync(AsCedris.ReviewPracticeAsync(Review(submitted.PracticeId, ReviewOutcome.ChangesNeeded, " "))));
        Assert.Equal(ErrorReason.NotFound, (await RefusedAsync(AsCedris.ReviewPracticeAsync(Review(NewId())))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(AsAuthor.ReviewPracticeAsync(Review(submitted.PracticeId)))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(AsCompany.PublishPracticeAsync(Publish(submitted.PracticeId)))).Reason);
        Assert.Equal(ErrorReason.KindNotAllowed, (await RefusedAsync(new PracticeService.PracticeServiceClient(platform.Uwv()).SubmitPracticeAsync(Practice("Van UWV")))).Reason);
        var stale = Review(submitted.PracticeId);
        stale.ExpectedVersion = 9;
        Assert.Equal(ErrorReason.VersionChanged, (await RefusedAsync(AsCedris.ReviewPracticeAsync(stale))).Reason);
        var early = Review(submitted.PracticeId);
        early.ReviewedOn = On(4, 30);
        Assert.Equal(ErrorReason.DateBeforeItsBasis, (await RefusedAsync(AsCedris.ReviewPracticeAsync(early))).Reason);
    }
}
