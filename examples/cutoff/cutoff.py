import lawnix

FACTOR = 2


def scaled(number):
    return FACTOR * number


class Numbers(lawnix.Task):
    def output(self):
        return self.target("numbers.json")

    def run(self):
        self.output().dump(list(range(10)), formatter="json")


class Even(lawnix.Task):
    def requires(self):
        return Numbers.req(self)

    def output(self):
        return self.target("even.json")

    def run(self):
        numbers = self.input().load(formatter="json")
        self.output().dump([number for number in numbers if number % 2 == 0], formatter="json")


class Total(lawnix.Task):
    def requires(self):
        return Even.req(self)

    def output(self):
        return self.target("total.txt")

    def run(self):
        # the sum of them all
        total = sum(scaled(number) for number in self.input().load(formatter="json"))
        self.output().dump(str(total), formatter="text")
