using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Knowledge;
using Grpc.Core;

namespace BeschutWerk.Host.Demo;

/// <summary>A municipality and a sw-company share what works; Cedris reviews and publishes it, and a colleague finds it.</summary>
internal sealed class Practices(Parties parties)
{
    private static readonly DateOnly Submitted = new(2018, 2, 5), Reviewed = new(2018, 2, 19), Published = new(2018, 3, 1);

    private const string SharedWords = "sheltered work guid";

    /// <returns>How many of the practices shared here a search brings back.</returns>
    public async Task<int> ShareAsync(string municipality, string companyId, string reader, CancellationToken cancel)
    {
        List<string> shared =
        [
            await ShareAsync(parties.Municipality(municipality), PracticeTheme.Selecting, "Selecting by what somebody needs", """
                Ask the schools for special and practical education in the last year, the mental health care and the day activities
                who they think depends on sheltered work, and look at the need of guidance alone.
                """, cancel),
            await ShareAsync(parties.Company(companyId), PracticeTheme.Matching, "A tailored workplace in five days", """
                Begin with the tasks that nobody gets round to, put them together for one person, and let the foreman of the
                department guide the newcomer in sheltered work from the first day.
                """, cancel),
        ];

        var found = await new PracticeService.PracticeServiceClient(parties.Municipality(reader)).SearchPracticesAsync(
            new SearchPracticesRequest { Query = SharedWords }, cancellationToken: cancel);
        return found.Practices.Count(practice => shared.Contains(practice.PracticeId));
    }

    private async Task<string> ShareAsync(CallInvoker author, PracticeTheme theme, string title, string body, CancellationToken cancel)
    {
        var practice = await new PracticeService.PracticeServiceClient(author).SubmitPracticeAsync(new SubmitPracticeRequest
        {
            RequestId = DemoIds.Of($"submit {title}"),
            Kind = PracticeKind.Practice,
            Theme = theme,
            Title = title,
            Summary = title,
            Body = body,
            SubmittedOn = Submitted.ToDate(),
        }, cancellationToken: cancel);

        var cedris = new PracticeService.PracticeServiceClient(parties.Cedris);
        await cedris.ReviewPracticeAsync(new ReviewPracticeRequest
        {
            RequestId = DemoIds.Of($"review {title}"),
            PracticeId = practice.PracticeId,
            Outcome = ReviewOutcome.Approved,
            ReviewedOn = Reviewed.ToDate(),
        }, cancellationToken: cancel);
        await cedris.PublishPracticeAsync(new PublishPracticeRequest
        {
            RequestId = DemoIds.Of($"publish {title}"),
            PracticeId = practice.PracticeId,
            PublishedOn = Published.ToDate(),
        }, cancellationToken: cancel);
        return practice.PracticeId;
    }
}
