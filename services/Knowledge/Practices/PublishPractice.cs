using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Knowledge;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>From now on everybody finds it.</summary>
internal static class PublishPractice
{
    public static PublishPracticeResponse Run(PublishPracticeRequest request, WriteSession<KnowledgeStore> session)
    {
        var practice = Practice.Find(session.Store, request.PracticeId, _ => true);
        var publishedOn = request.PublishedOn.ToDateOnly();
        practice.State = PracticeRules.Publish(practice, publishedOn).OrThrow();
        practice.PublishedOn = publishedOn;
        practice.Version++;

        session.Command("INSERT INTO practice_index (rowid, title, summary, body) VALUES ($number, $title, $summary, $body)")
            .Set("$number", practice.PracticeNumber).Set("$title", practice.Title).Set("$summary", practice.Summary).Set("$body", practice.Body)
            .ExecuteNonQuery();
        session.Raise(
            new PracticePublished
            {
                PracticeId = practice.PracticeId.Text(),
                Kind = practice.Kind,
                Theme = practice.Theme,
                Title = practice.Title,
                OrganisationId = practice.OrganisationId,
                PublishedOn = request.PublishedOn,
            },
            practice.PracticeId.Text());
        return new PublishPracticeResponse { State = practice.State, Version = practice.Version };
    }
}
