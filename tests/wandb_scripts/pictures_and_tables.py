import numpy as np
import wandb

with wandb.init(project="awesome-project") as run:
    images = [wandb.Image(np.random.rand(8, 8, 3), caption=f"sample {i}") for i in range(2)]
    table = wandb.Table(columns=["id", "guess", "truth"])
    for number in range(3):
        table.add_data(number, "cat", "dog")
    points = wandb.Table(data=[[x, x**2] for x in range(5)], columns=["x", "y"])
    run.log({"examples": images, "predictions": table, "gradients": wandb.Histogram(np.random.randn(100))})
    run.log({"curve": wandb.plot.line(points, "x", "y", title="a curve")})
    run.log({"cloud": wandb.plot.scatter(points, "x", "y", title="a cloud")})
    run.log({"spread": wandb.plot.histogram(points, "y", title="a spread")})
    labels = wandb.Table(data=[["a", 1], ["b", 2]], columns=["label", "value"])
    run.log({"bars": wandb.plot.bar(labels, "label", "value", title="bars")})
    truth, guess = [0, 1, 1, 0], [0, 1, 0, 0]
    run.log({"confusion": wandb.plot.confusion_matrix(y_true=truth, preds=guess, class_names=["no", "yes"])})
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.7, 0.3]])
    run.log({"roc": wandb.plot.roc_curve(truth, scores, labels=["no", "yes"])})
    run.log({"pr": wandb.plot.pr_curve(truth, scores, labels=["no", "yes"])})
    run.log({"sound": wandb.Audio(np.sin(np.arange(800)), sample_rate=8000, caption="a tone")})
    run.log({"page": wandb.Html("<b>bold</b>")})
